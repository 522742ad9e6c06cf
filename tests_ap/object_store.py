"""An object store of the tests' own: moto's server, which speaks the real S3 protocol on loopback."""

from typing import Any

import boto3
from moto.server import ThreadedMotoServer

BUCKET = "conversations"


class ObjectStore:
    """A server with one bucket, and the variables by which a client finds it."""

    def __init__(self) -> None:
        self._server: Any = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        self.bucket = BUCKET
        self.variables = {
            "AWS_ACCESS_KEY_ID": "tests",
            "AWS_SECRET_ACCESS_KEY": "not-a-secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT": f"http://{host}:{port}",
            "AWS_ALLOW_HTTP": "true",
        }
        client = boto3.client(
            "s3",
            endpoint_url=self.variables["AWS_ENDPOINT"],
            region_name="us-east-1",
            aws_access_key_id="tests",
            aws_secret_access_key="not-a-secret",
        )
        client.create_bucket(Bucket=BUCKET)
        client.close()

    def close(self) -> None:
        """End the server."""
        self._server.stop()

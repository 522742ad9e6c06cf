"""Over Ray the same bytes come out as in one process: two nodes, the files and the shards in an S3 bucket."""

import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import unittest
from datetime import datetime
from pathlib import Path
from unittest import mock

from moto.server import ThreadedMotoServer

from conversation_genome.bulk.place import Place
from conversation_genome.bulk.run import Bulk, InProcess
from conversation_genome.errors import InputError
from tests_ap.environment import ROOT
from tests_ap.examples import ready_embedder
from tests_ap.integration.bulk import talks

NO_RAY = "Ray is not installed: bash run_tests.sh installs it"
LISTENING = """
import psutil
from conversation_genome.bulk.over_ray import OverRay
with OverRay(None, 1)._cluster():
    own = psutil.Process()
    found = [one for process in (own, *own.children(recursive=True)) for one in process.net_connections()]
    print(sorted({one.laddr.ip.removeprefix("::ffff:") for one in found if one.status == "LISTEN"}))
"""


class Bucket(unittest.TestCase):
    def setUp(self) -> None:
        logger = mock.patch("werkzeug.serving.WSGIRequestHandler.log")
        self.enterContext(logger)
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
        server.start()
        self.addCleanup(server.stop)
        host, port = server.get_host_and_port()
        self.variables = {
            "AWS_ACCESS_KEY_ID": "a key",
            "AWS_SECRET_ACCESS_KEY": "a secret",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        self.enterContext(mock.patch.dict(os.environ, self.variables))
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.make_bucket("talks")

    def make_bucket(self, name: str) -> None:
        import boto3  # noqa: PLC0415 - comes with moto

        boto3.client("s3", region_name="us-east-1").create_bucket(Bucket=name)

    def put(self, folder: Path, uri: str) -> None:
        place = Place(uri)
        for path in sorted(folder.rglob("*.jsonl")):
            place.put(path, path.relative_to(folder).as_posix())


class TestBucket(Bucket):
    def test_what_is_written_to_a_bucket_is_read_from_it(self) -> None:
        place = Place("s3://talks/some/folder")
        place.write("a/b.txt", b"hello")
        place.write(".hidden", b"")
        self.assertEqual([one.name for one in place.files()], ["a/b.txt"])
        self.assertEqual((place.read("a/b.txt"), place.has(".hidden"), place.has("c")), (b"hello", True, False))
        place.remove("a/b.txt")
        self.assertEqual(place.files(), [])

    def test_a_bucket_that_is_not_there_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "s3://none/in is not there"):
            Place("s3://none/in").is_file()


@unittest.skipUnless(importlib.util.find_spec("ray"), NO_RAY)
class TestOverRay(Bucket):
    def test_two_nodes_give_the_bytes_of_one_process(self) -> None:
        ready_embedder()
        talks.write_talks(self.folder / "in")
        self.put(self.folder / "in", "s3://talks/in")
        reference, out = self.folder / "reference", self.folder / "out"
        one = Bulk(str(self.folder / "in"), reference, InProcess(), moment=datetime.fromisoformat(talks.MOMENT))
        one.run(lambda _what, _total: lambda _steps: None)
        arguments = ("s3://talks/in", str(out), "--shards", "s3://talks/shards")
        summary, said = talks.run(*arguments, module="tests_ap.integration.bulk.nodes")
        self.assertEqual(summary["runner"], "ray, 2 workers on 2 nodes")
        self.assertEqual((summary["conversations"], summary["duplicates"], summary["faults"]), (7, 1, 2))
        self.assertEqual(talks.dataset_of(out), talks.dataset_of(reference))
        self.assertEqual(talks.store_of(out), talks.store_of(reference))
        self.assertEqual(re.findall(r"^cgp: ([^ ]+) ", said, re.MULTILINE)[0], "a.jsonl:2:")
        self.assertFalse((out / "shards").exists())
        again, _ = talks.run(*arguments, "--store", "s3://talks/store")
        self.assertEqual((again["shards_kept"], again["runner"]), (summary["shards"], "process"))
        self.assertEqual(again["records_searched"], summary["records_searched"])
        self.assertTrue(Place("s3://talks/store").files())
        self.assertEqual(talks.dataset_of(out), talks.dataset_of(reference))

    def test_a_cluster_that_is_started_here_listens_on_loopback_alone_and_stops(self) -> None:
        done = subprocess.run(
            [sys.executable, "-c", LISTENING], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
        )
        self.assertEqual((done.returncode, done.stdout.strip()), (0, "['127.0.0.1']"), done.stderr[-2_000:])


class TestWithoutRay(unittest.TestCase):
    def test_the_remedy_is_named(self) -> None:
        from conversation_genome.bulk.over_ray import OverRay  # noqa: PLC0415 - before Ray is hidden

        with mock.patch.dict(sys.modules, {"ray": None}), self.assertRaisesRegex(InputError, r"pip install .*\[bulk\]"):
            OverRay(None, 2)


if __name__ == "__main__":
    unittest.main()

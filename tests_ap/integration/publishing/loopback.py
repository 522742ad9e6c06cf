"""An ASGI application served on a free port of loopback, from a thread of the test's own process."""

import threading
from typing import Any

import uvicorn

from conversation_genome.process import bound_socket


class Loopback:
    """Serves from `start` to `stop`."""

    def __init__(self, app: Any) -> None:
        self._socket = bound_socket("127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._server = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True)

    def start(self) -> None:
        self._socket.listen(16)
        self._thread.start()

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)
        self._socket.close()

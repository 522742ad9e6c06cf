"""A server that is killed and started again at every line on its standard input, in a tenth of a second.

`python -m tests_ap.integration.server.mortal FOLDER DATABASE-URL PORT`: what takes long to import is imported once;
each server is a fork, a process of its own, and ends by SIGKILL. Routes, signatures, database and scoring are the
real ones; the vectors are hashes and the index is in memory.
"""

import asyncio
import hashlib
import os
import signal
import sys
from pathlib import Path

from conversation_genome.chain.admission import Admission
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.process import bound_socket
from conversation_genome.role import WebServer
from conversation_genome.settings import ServerSettings
from conversation_genome.testing.embedder import HashEmbedder
from conversation_server.app import create_app
from tests_ap.unit.server.rig import KEY, NETUID, SERVER, MemoryIndex


def serve(folder: Path, url: str, port: int) -> None:
    """Serve until this process is killed; what it logs is not read by anybody."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    admission = Admission(LocalLedger(folder / "ledger.sqlite"), NETUID, max_age_seconds=1e6)
    admission.refresh()
    settings = ServerSettings(
        _env_file=None,
        server_database_url=url,
        server_dataset_path=folder / "dataset",
        server_admin_key_sha256=hashlib.sha256(KEY.encode()).hexdigest(),
    )
    app = create_app(settings, hotkey=SERVER.hotkey, admission=admission, embedder=HashEmbedder(), index=MemoryIndex())
    with bound_socket("127.0.0.1", port) as listener:
        listener.listen(64)
        asyncio.run(WebServer(app, stop_seconds=1, keepalive_seconds=5, lifespan="on").serve(sockets=[listener]))


def main(folder: Path, url: str, port: int) -> None:
    """Start a server, and another one in its place for each line that comes in."""
    while True:
        child = os.fork()
        if child == 0:
            serve(folder, url, port)
            os._exit(0)
        print("started", flush=True)
        is_over = not sys.stdin.readline()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if is_over:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

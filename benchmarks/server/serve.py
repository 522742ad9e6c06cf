"""`python -m benchmarks.server.serve KIND FOLDER URL PORT`: a server as a process of its own, to be measured.

`ours` is the real one, but for its vectors (hashes, remembered like the real ones) and its index (in memory): the database is measured, not the
model. `unmerged` lets what is completed lie, `unscored` grades no answer either. `reference` is the original's design;
`signed-reference` checks the signature of every request, as ours does.
"""

import asyncio
import hashlib
import sys
from pathlib import Path
from typing import Final, cast

from fastapi import FastAPI

from benchmarks.server.reference import create_reference_app
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.process import bound_socket, configure_logging
from conversation_genome.protocol.messages import Submission
from conversation_genome.protocol.signing import Signer
from conversation_genome.role import WebServer, run_async
from conversation_genome.settings import ServerSettings
from conversation_genome.testing.embedder import HashEmbedder
from conversation_server.app import create_app
from conversation_server.services.grading import Grade, Material
from conversation_server.services.tools import SWITCH_SECONDS, SearchIndex

NETUID = Netuid(1)
KEY = "the key of the benchmark"
SERVER = Signer.from_uri("//server")


class NoIndex:
    """A vector store that keeps nothing; nobody searches here."""

    def upsert(self, record: object) -> None:
        """Keep nothing."""

    def delete(self, conversation_id: str) -> None:
        """Delete nothing."""


NO_INDEX: Final = cast(SearchIndex, NoIndex())


def our_app(folder: Path, url: str) -> FastAPI:
    """Return the conversation server on a database, with validators from the folder's ledger."""
    admission = Admission(LocalLedger(folder / "ledger.sqlite"), NETUID, max_age_seconds=1e6)
    admission.refresh()
    settings = ServerSettings(
        _env_file=None,
        server_database_url=url,
        server_dataset_path=folder / "dataset",
        server_lease_seconds=1e6,
        server_admin_key_sha256=hashlib.sha256(KEY.encode()).hexdigest(),
    )
    return create_app(
        settings, hotkey=SERVER.hotkey, admission=admission, embedder=CachedEmbedder(HashEmbedder()), index=NO_INDEX
    )


async def _given(_material: Material, _submission: Submission) -> Grade:
    return Grade(0.0, ("covers 0% of the window's themes",), agrees=True)


def _app(kind: str, folder: Path, url: str) -> FastAPI:
    if kind.endswith("reference"):
        return create_reference_app(folder, receiver=SERVER.hotkey if kind.startswith("signed") else None)
    app = our_app(folder, url)
    if kind in ("unmerged", "unscored"):
        app.state.server.merger.run = asyncio.Event().wait
    if kind == "unscored":
        app.state.server.grader.grade = _given
    return app


def main(kind: str, folder: Path, url: str, port: int) -> None:
    configure_logging("info", "json")
    app = _app(kind, folder, url)
    with bound_socket("127.0.0.1", port) as listener:
        listener.listen(256)
        server = WebServer(app, stop_seconds=1, keepalive_seconds=5, lifespan="on")
        sys.setswitchinterval(SWITCH_SECONDS)
        run_async(server.serve(sockets=[listener]))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))

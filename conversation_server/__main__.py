"""`python -m conversation_server`: reads the settings, builds the parts, serves until it is told to stop.

`python -m conversation_server db ...` works on the database and ends; see `commands`.
"""

import asyncio
import re
import socket
import sys
from collections.abc import Sequence
from typing import Final

import structlog
from fastapi import FastAPI

from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.loading import load_chain
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.embedding.work import logged_work
from conversation_genome.errors import SettingsError
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import load_signer
from conversation_genome.role import WebServer, run_async, run_role
from conversation_genome.search.index import ConversationIndex
from conversation_genome.search.indexing import vector_model
from conversation_genome.settings import ServerSettings
from conversation_genome.vector_store.opening import open_stores
from conversation_server import commands
from conversation_server.app import create_app
from conversation_server.services.server import upgrade
from conversation_server.services.tools import SWITCH_SECONDS

DESCRIPTION: Final = (
    "Serve conversations to validators, keep what they grade, merge and publish it. "
    "With `db` first: upgrade, back up or restore the database and end; see `db --help`."
)
FLAGS: Final = {"--axon.port": "server_port", "--axon.ip": "server_host", "--database.url": "server_database_url"}
BACKLOG: Final = 1_024
KEEPALIVE_SECONDS: Final = 5
STOP_SECONDS: Final = 5
"""What requests in the making have to end once the server is told to stop."""
REFRESH_SECONDS: Final = 12.0
"""A block of the real chain."""
_SHA256: Final = re.compile(r"^[0-9a-fA-F]{64}$")
_log = structlog.get_logger("conversation_server")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the server, or work on its database, and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    work, rest = commands.split(given[1:]) if given[:1] == [commands.GROUP] else (run, given)
    return run_role(ServerSettings, work, rest, program="server", description=DESCRIPTION, flags=FLAGS)


def run(settings: ServerSettings) -> None:
    """Serve until the process is told to stop.

    Raises:
        SettingsError: If a setting is wrong, or the port is taken.
        ChainError: If the chain cannot be read.
        ModelUnavailableError: If the embedding model is not there.
        UnavailableError: If the database cannot be used.
    """
    _check_key(settings)
    signer = load_signer(settings.wallet_path, settings.wallet_name, settings.wallet_hotkey)
    admission = Admission(
        load_chain(settings, signer), Netuid(settings.netuid), max_age_seconds=settings.metagraph_max_age_seconds
    )
    admission.refresh()
    asyncio.run(upgrade(settings))
    with bound_socket(settings.server_host, settings.server_port) as listener:
        embedder = load_embedder(
            settings.models_path, threads=settings.embedding_threads, cache_entries=settings.embedding_cache_entries
        )
        stores = open_stores(settings.vector_store_place, main=vector_model(embedder.model))
        index = ConversationIndex(stores, embedder)
        app = create_app(settings, hotkey=signer.hotkey, admission=admission, embedder=embedder, index=index)
        listener.listen(BACKLOG)
        admission.start(min(REFRESH_SECONDS, settings.metagraph_max_age_seconds / 3))
        host, port = listener.getsockname()[:2]
        _log.info("serving", url=f"http://{host}:{port}", port=port, hotkey=signer.hotkey)
        sys.setswitchinterval(SWITCH_SECONDS)
        with logged_work(embedder):
            run_async(_serve(app, listener))


async def _serve(app: FastAPI, listener: socket.socket) -> None:
    server = WebServer(app, stop_seconds=STOP_SECONDS, keepalive_seconds=KEEPALIVE_SECONDS, lifespan="on")
    await server.serve(sockets=[listener])


def _check_key(settings: ServerSettings) -> None:
    key = settings.server_admin_key_sha256.get_secret_value().strip()
    if key and not _SHA256.match(key):
        raise SettingsError(
            "CGP_SERVER_ADMIN_KEY_SHA256 is not the SHA-256 of a key: give its 64 hexadecimal digits, "
            "as `printf %s YOUR_KEY | sha256sum` prints them"
        )


if __name__ == "__main__":
    sys.exit(main())

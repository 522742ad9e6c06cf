"""Miners, many in one process, each with a port, a key and the real signed service.

`python -m tests_ap.integration.validators.miners FOLDER PREFIX COUNT`: serves until standard input ends; prints
`serving` when all of them are on the ledger. Miner n is `//PREFIX-n` and answers with n modulo 8 words.
"""

import asyncio
import logging
import sys
from pathlib import Path

import structlog

from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Endpoint
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.process import bound_socket
from conversation_genome.protocol.signing import MemoryNonceStore, Signer
from conversation_genome.role import WebServer, run_async
from miner.service import MinerService
from tests_ap.integration.validators.words import WordsMiner
from tests_ap.unit.server.rig import NETUID

KINDS = 8
REFRESH_SECONDS = 2.0


async def serve(folder: Path, prefix: str, count: int) -> None:
    """Serve until standard input ends."""
    admission = Admission(LocalLedger(folder / "ledger.sqlite"), NETUID, max_age_seconds=600.0)
    admission.refresh()
    admission.start(REFRESH_SECONDS)
    loop, servers = asyncio.get_running_loop(), []
    for number in range(count):
        signer = Signer.from_uri(f"//{prefix}-{number}")
        service = MinerService(
            signer.hotkey,
            admission=admission,
            nonces=MemoryNonceStore(),
            behaviour=WordsMiner(number % KINDS),
            min_stake=0.0,
        )
        listener = bound_socket("127.0.0.1", 0)
        listener.listen(64)
        server = WebServer(service.app(), stop_seconds=1, takes_signals=False)
        servers.append((server, loop.create_task(server.serve(sockets=[listener]))))
        ledger = LocalLedger(folder / "ledger.sqlite", signer.hotkey)
        ledger.register(NETUID, signer.hotkey)
        ledger.serve(NETUID, Endpoint(host="127.0.0.1", port=listener.getsockname()[1]))
        ledger.close()
    print("serving", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    for server, _ in servers:
        server.should_exit = True
    await asyncio.gather(*(job for _, job in servers))


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    run_async(serve(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))

"""`python -m benchmarks.server.figures`: what the server says of whole tables, while they grow.

As many answers as conversations, each under a lease of its own. The first call counts; what comes after it is answered
from what was counted, and counted anew beside the calls.
"""

import argparse
import asyncio
import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from benchmarks.server.design import Ours
from benchmarks.server.filling import postgresql, sqlite
from benchmarks.server.serve import NETUID, NO_INDEX, SERVER
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.ledger import LocalLedger
from conversation_server.services.server import Server
from conversation_server.services.tools import Tools

SIZES = (1_000, 1_000_000)
CALLS = 50
_LEASES = """
INSERT INTO leases (id, conversation, holder, task_type, attempt, state, granted_at, expires_at)
SELECT 'lease ' || seq, seq, 'validator ' || seq % 7, 'conversation_tagging', 1, 'completed', 0, 0 FROM conversations
"""
_ANSWERS = """
INSERT INTO submissions (id, lease, conversation, window_id, validator_hotkey, miner_hotkey, miner_uid, outcome, detail,
    seconds, claimed_score, claimed_reward, score, reasons, agrees, reward, scoring_version, submitted_at)
SELECT 'answer ' || seq, 'lease ' || seq, seq, '2-0-9', 'validator ' || seq % 7, 'miner ' || seq % 200, seq % 200,
    'scored', '', 0.1, 0.5, 0.1, 0.5, '[]', 1 = 1, 0.1, '1', seq FROM conversations
"""


async def measure(database: Callable[[Path], str], size: int) -> list[tuple[float, float]]:
    """Return (ms of the first call, ms of the slowest of those after it) of stats, miners and validators."""
    folder = Path(tempfile.mkdtemp())
    ours = Ours(database(folder), folder)
    await ours.fill(size)
    async with ours.database.write() as session:
        for statement in (_LEASES, _ANSWERS, "ANALYZE"):
            await session.execute(text(statement))
    await ours.database.close()
    ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
    settings = ours.tools.settings
    tools = Tools(settings=settings, embedder=ours.tools.embedder, index=NO_INDEX, task_type=ours.tools.task_type)
    server = Server(tools, hotkey=SERVER.hotkey, admission=Admission(ledger, NETUID, max_age_seconds=1e6))
    found = [await _timed(call) for call in (server.stats, server.miners, server.validators)]
    await server.stop()
    shutil.rmtree(folder)
    return found


async def _timed(call: Callable[[], Awaitable[Any]]) -> tuple[float, float]:
    taken = []
    for _ in range(CALLS):
        started = time.perf_counter()
        await call()
        taken.append((time.perf_counter() - started) * 1e3)
    return taken[0], max(taken[1:])


async def main(sizes: list[int]) -> None:
    print("ms of the first call, and of the slowest of 49 after it\n")
    print("| conversations and answers | database | stats | miners | validators |\n|---|---|---|---|---|")
    for size in sizes:
        for name, database in (("SQLite", sqlite), ("PostgreSQL", postgresql)):
            cells = [f"{first:,.0f}, {later:,.1f}" for first, later in await measure(database, size)]
            print(f"| {size:,} | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.figures", description=__doc__)
    parser.add_argument("--largest", type=int, default=SIZES[-1], help="conversations in the largest table")
    arguments = parser.parse_args()
    asyncio.run(main([size for size in SIZES if size <= arguments.largest]))

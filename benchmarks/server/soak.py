"""`python -m benchmarks.server.soak --minutes 10`: does the server's memory stay flat while it works?

A real server process, with the real model, SQLite and the vector store: validators import talks of their own, lease,
ground, submit and complete them, and search. Resident memory is read twice a second. Flat is: the median of the last
quarter within a tenth of that of the second quarter (in the first one caches fill, which are given a small bound).
"""

import argparse
import asyncio
import itertools
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.server.load import TAGS
from conversation_genome.annotation import GroundTruth, Outcome
from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.protocol.messages import Bundle, MinerAnswer, Submission
from conversation_genome.tasks.registry import task_type
from tests_ap.integration.server.process import ServerProcess

WORDS = ("cheese", "glacier", "violin", "harbour", "beehive", "comet", "pottery", "marathon", "orchid", "tram", "ink")
CACHE_ENTRIES = 2_000
SAMPLE_SECONDS = 0.5
TOLERANCE = 0.10
MINERS = 3


@dataclass
class Soak:
    """What was measured."""

    megabytes: list[float] = field(default_factory=list)
    conversations: int = 0
    requests: int = 0

    def quarters(self) -> tuple[float, float]:
        """Return the median memory of the second and of the last quarter, in MB."""
        quarter = len(self.megabytes) // 4
        return median(self.megabytes[quarter : 2 * quarter]), median(self.megabytes[-quarter:])


def talks(seed: int) -> Iterator[dict[str, Any]]:
    """Yield talks of twelve to forty lines, no two alike."""
    chance = random.Random(seed)
    for number in itertools.count():
        lines = [
            [
                at % 2,
                f"Number {chance.randrange(10**6)}: the {chance.choice(WORDS)} and the {chance.choice(WORDS)}, again.",
            ]
            for at in range(chance.randint(12, 40))
        ]
        identifier = f"talk {seed}-{number}"
        yield {
            "id": identifier,
            "source": f"source {seed}",
            "license": "CC0",
            "participants": ["A", "B"],
            "lines": lines,
        }


async def work(server: ServerProcess, number: int, soak: Soak, until: float, pause: float) -> None:
    """Be one operator and one validator, over and over."""
    async with server.admin() as admin, server.validator(number) as validator:
        for talk in talks(number):
            if time.monotonic() > until:
                return
            await admin.import_records([talk])
            bundle = await validator.lease()
            if bundle is not None:
                soak.requests += await grade(validator, bundle)
                soak.conversations += 1
            await read(admin, talk["id"])
            soak.requests += 4
            await asyncio.sleep(pause)


async def grade(validator: ConversationServerClient, bundle: Bundle) -> int:
    """Do all that a validator does with a conversation and return the requests that it took."""
    windows = [one.window_id for one in bundle.windows]
    truth = GroundTruth(engine="soak/1", tags=TAGS, windows=dict.fromkeys(windows, TAGS))
    await validator.put_ground_truth(bundle.lease_id, truth)
    asked = [one.window_id for one in bundle.windows if one.level == 2]
    for window_id in asked:
        for miner in range(MINERS):
            await validator.submit(answer(bundle, window_id, miner))
    await validator.complete(bundle.lease_id)
    return len(asked) * MINERS + 2


def answer(bundle: Bundle, window_id: str, miner: int) -> Submission:
    """Return what a miner said; the claimed score is none of this benchmark's business."""
    return Submission(
        lease_id=bundle.lease_id,
        window_id=window_id,
        miner_hotkey=f"miner-{miner}",
        miner_uid=miner,
        outcome=Outcome.SCORED,
        answer=MinerAnswer(task_id=window_id, tags=TAGS[miner : miner + 3], engine="soak/1"),
        seconds=0.1,
        score=0.0,
        reward=0.0,
        scoring_version=task_type(bundle.task_type).scoring_version,
    )


async def read(admin: AdminClient, identifier: str) -> None:
    """Read as an operator does."""
    await admin.conversation(identifier)
    await admin.search(random.choice(WORDS))
    await admin.stats()


def resident(status: Path) -> float:
    """Return the resident memory of a process in MB."""
    line = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


async def watch(server: ServerProcess, soak: Soak, until: float) -> None:
    """Read the resident memory of the process until the end."""
    assert server.process is not None
    status = Path(f"/proc/{server.process.pid}/status")
    while time.monotonic() < until:
        soak.megabytes.append(resident(status))
        await asyncio.sleep(SAMPLE_SECONDS)


async def run(minutes: float, pause: float) -> Soak:
    """Let a server work for so long."""
    soak = Soak()
    with tempfile.TemporaryDirectory() as folder:
        server = ServerProcess(Path(folder), embedding_cache_entries=CACHE_ENTRIES, log_level="warning")
        try:
            server.start()
            await server.ready()
            until = time.monotonic() + minutes * 60
            jobs = [work(server, number, soak, until, pause) for number in range(len(server.validators))]
            await asyncio.gather(watch(server, soak, until), *jobs)
        finally:
            server.close()
    return soak


def main() -> int:
    arguments = _arguments()
    soak = asyncio.run(run(arguments.minutes, arguments.pause))
    early, late = soak.quarters()
    change = late / early - 1
    print(f"{arguments.minutes:g} minutes, {soak.conversations:,} conversations, {soak.requests:,} requests")
    print(
        f"memory: {early:.0f} MB in the second quarter, {late:.0f} MB in the last ({change:+.1%}), most {max(soak.megabytes):.0f} MB"
    )
    print("flat" if abs(change) <= TOLERANCE else f"NOT flat: {TOLERANCE:.0%} are allowed")
    return int(abs(change) > TOLERANCE)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.server.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between two conversations of a client")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

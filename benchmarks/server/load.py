"""Clients that do what validators do, and how long each call takes them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import httpx2
import numpy as np

from benchmarks.server.serve import SERVER
from conversation_genome.annotation import GroundTruth, Outcome, Tag
from conversation_genome.client import ConversationServerClient
from conversation_genome.protocol.messages import Bundle, MinerAnswer, Submission
from conversation_genome.protocol.signing import Signer
from conversation_genome.tasks.registry import task_type

TAGS = tuple(Tag(text=word) for word in ("cheese", "glacier", "violin", "harbour", "beehive"))
Result = TypeVar("Result")


@dataclass
class Timings:
    """Seconds of each lease and each submission."""

    leases: list[float] = field(default_factory=list)
    submissions: list[float] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        """Leases plus submissions a second."""
        return (len(self.leases) + len(self.submissions)) / self.seconds

    @property
    def p95_milliseconds(self) -> float:
        """The time that 95 % of the calls stay under."""
        return float(np.percentile(self.leases + self.submissions, 95)) * 1e3


async def ours(url: str, signers: Sequence[Signer], rounds: int) -> Timings:
    """Let each validator lease, ground, submit and complete so many conversations."""
    timings = Timings()

    async def validate(signer: Signer) -> None:
        async with ConversationServerClient(url, signer, SERVER.hotkey) as client:
            for _ in range(rounds):
                bundle = await _timed(timings.leases, client.lease())
                assert bundle is not None, "the server ran out of conversations"
                await client.put_ground_truth(bundle.lease_id, truth(bundle))
                for answer in answers(bundle):
                    await _timed(timings.submissions, client.submit(answer))
                await client.complete(bundle.lease_id)

    return await _run(timings, [partial(validate, one) for one in signers])


async def reference(url: str, clients: int, rounds: int) -> Timings:
    """Let each client reserve a conversation and put a result for it, so many times."""
    timings = Timings()
    body = {"hotkey": "5" * 48, "uid": 7, "tags": [tag.text for tag in TAGS], "mode": "validator"}

    async def validate() -> None:
        async with httpx2.AsyncClient(base_url=url, timeout=120.0, trust_env=False) as client:
            for _ in range(rounds):
                reserved = await _timed(timings.leases, client.post("/api/v1/conversation/reserve"))
                guid = reserved.json()["guid"]
                answer = await _timed(timings.submissions, client.put(f"/api/v1/conversation/record/{guid}", json=body))
                answer.raise_for_status()

    return await _run(timings, [validate] * clients)


async def _run(timings: Timings, clients: Sequence[Callable[[], Awaitable[None]]]) -> Timings:
    started = time.perf_counter()
    await asyncio.gather(*(client() for client in clients))
    timings.seconds = time.perf_counter() - started
    return timings


async def _timed(seconds: list[float], call: Awaitable[Result]) -> Result:
    started = time.perf_counter()
    result = await call
    seconds.append(time.perf_counter() - started)
    return result


def truth(bundle: Bundle) -> GroundTruth:
    """Return what the validator holds true of a bundle."""
    return GroundTruth(engine="bench/1", tags=TAGS, windows={one.window_id: TAGS for one in bundle.windows})


def answers(bundle: Bundle) -> list[Submission]:
    """Return one answer to each window that miners are asked about."""
    return [
        Submission(
            lease_id=bundle.lease_id,
            window_id=window.window_id,
            miner_hotkey="miner",
            miner_uid=7,
            outcome=Outcome.SCORED,
            answer=MinerAnswer(task_id=window.window_id, tags=TAGS, engine="bench/1"),
            seconds=0.1,
            score=0.0,
            reward=0.0,
            scoring_version=task_type(bundle.task_type).scoring_version,
        )
        for window in bundle.windows
        if window.level == 2
    ]

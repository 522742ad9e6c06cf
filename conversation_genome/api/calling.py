"""One signed call to one miner: whatever comes back, or does not, becomes a Response; nothing a miner does raises."""

import asyncio
from dataclasses import dataclass

from conversation_genome.annotation import Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.client.miners import MinerCaller
from conversation_genome.conversation import Window, WindowId
from conversation_genome.protocol.messages import MinerTask
from conversation_genome.protocol.signing import Signer


@dataclass(frozen=True, slots=True)
class Response:
    """What came of asking one miner about one window."""

    miner: Neuron
    shown: Window
    """The window as this miner was shown it."""
    task: MinerTask
    outcome: Outcome
    """SCORED stands for: a body arrived in time. What it holds is looked at later."""
    body: bytes = b""
    detail: str = ""
    seconds: float = 0.0

    @property
    def window_id(self) -> WindowId:
        """The window that was asked about."""
        return self.shown.id


class MinerCalls:
    """Signed calls over one pool of connections, so many to one miner at once."""

    def __init__(self, signer: Signer, *, at_once: int, at_once_per_miner: int, public_only: bool = False) -> None:
        """Keep the signer; connections open when first used.

        Args:
            signer: Whose permit the miners look for.
            at_once: Calls in all that run at once.
            at_once_per_miner: Calls to one miner that run at once: what else it is sent would wait there.
            public_only: Ask nobody at an address of this machine or its neighbours.
        """
        self._all = asyncio.Semaphore(at_once)
        self._at_once_per_miner = at_once_per_miner
        self._by_miner: dict[str, asyncio.Semaphore] = {}
        self._caller = MinerCaller(signer, connections=at_once, public_only=public_only)

    async def call(self, miner: Neuron, shown: Window, task: MinerTask) -> Response:
        """Return what the miner answers within the task's time, which begins when it is sent."""
        if miner.endpoint is None:
            return Response(miner, shown, task, Outcome.UNREACHABLE, detail="it serves nowhere")
        own = self._by_miner.setdefault(miner.hotkey, asyncio.Semaphore(self._at_once_per_miner))
        async with own, self._all:
            reply = await self._caller.ask(miner.hotkey, miner.endpoint.url, task)
        return Response(miner, shown, task, reply.outcome, reply.body, reply.detail, reply.seconds)

    async def aclose(self) -> None:
        """Close every connection."""
        await self._caller.aclose()

"""How others see this miner: its place on chain, and the last scores that the conversation server gave it."""

import asyncio
import time
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Metagraph, Neuron
from conversation_genome.client import MinerClient
from conversation_genome.errors import ConversationGenomeError, StaleMetagraphError
from conversation_genome.protocol.reads import MinerAnswerSummary
from conversation_genome.protocol.signing import Signer, is_hotkey

ASKED_EVERY_SECONDS: Final = 15.0
ANSWER_SECONDS: Final = 5.0
SCORES: Final = 20


@dataclass(frozen=True, slots=True)
class Place:
    """The miner on chain."""

    neuron: Neuron | None
    """None where it is not registered any more."""
    metagraph: Metagraph

    @property
    def rank(self) -> int:
        """1 for the best-paid of all."""
        own = self.neuron.incentive if self.neuron else 0.0
        return 1 + sum(one.incentive > own for one in self.metagraph.neurons)


@dataclass(frozen=True, slots=True)
class Scores:
    """What the server said last."""

    answers: tuple[MinerAnswerSummary, ...] = ()
    """Newest first."""
    trouble: str = ""
    """Why there is nothing to show."""

    @property
    def mean(self) -> float | None:
        """The mean of them; None without any."""
        return sum(one.score for one in self.answers) / len(self.answers) if self.answers else None


def place_of(hotkey: Hotkey, admission: Admission) -> Place | None:
    """Return the miner's place; None while the chain cannot be read."""
    try:
        metagraph = admission.metagraph()
    except StaleMetagraphError:
        return None
    return Place(metagraph.by_hotkey.get(hotkey), metagraph)


class ScoreReader:
    """Asks the server for this miner's last scores, not more often than every few seconds."""

    def __init__(self, signer: Signer, *, url: str, server_hotkey: str) -> None:
        """Keep whom to ask; an empty URL asks nobody."""
        self._signer = signer
        self._url = url
        self._server_hotkey = Hotkey(server_hotkey)
        self._turn = asyncio.Lock()
        self._last = Scores()
        self._asked_at = float("-inf")

    async def scores(self) -> Scores:
        """Return the last scores; those of before while it is too early to ask again."""
        if not self._url:
            return Scores(trouble="no server is named: CGP_MINER_SERVER_URL says which one to ask")
        if not is_hotkey(self._server_hotkey):
            return Scores(trouble="CGP_MINER_SERVER_HOTKEY is no ss58 address: ask the server's operator for it")
        async with self._turn:
            if time.monotonic() - self._asked_at >= ASKED_EVERY_SECONDS:
                self._last = await self._ask()
                self._asked_at = time.monotonic()
            return self._last

    async def _ask(self) -> Scores:
        try:
            async with MinerClient(
                self._url, self._signer, self._server_hotkey, timeout_seconds=ANSWER_SECONDS
            ) as client:
                return Scores((await client.own_answers(limit=SCORES)).answers)
        except ConversationGenomeError as exc:
            return Scores(trouble=str(exc))

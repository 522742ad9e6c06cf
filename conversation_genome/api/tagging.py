"""TaggingApi: one conversation through chosen miners, graded against the caller's own reading of it."""

import asyncio
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Self

import numpy as np

from conversation_genome.annotation import GroundTruth, Outcome
from conversation_genome.api.calling import MinerCalls, Response
from conversation_genome.api.grading import grade_responses, merged_answers, reports_of
from conversation_genome.api.results import TaggedConversation
from conversation_genome.chain.base import Neuron
from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import MinerTask
from conversation_genome.protocol.signing import Signer
from conversation_genome.quality.assessment import assess
from conversation_genome.tasks.base import TaskType
from conversation_genome.tasks.conversation_tagging.merging import merge
from conversation_genome.tasks.registry import task_type
from conversation_genome.windowing.cutting import cut, needs_vectors
from conversation_genome.windowing.settings import WindowingSettings

DEFAULT_ENGINE: Final = "extractive"


@dataclass(frozen=True, slots=True)
class Prepared:
    """A conversation that is ready to be sent: where it is cut, and what its answers are held against."""

    conversation: Conversation
    windows: tuple[Window, ...]
    """Of all levels; miners are asked about those of TASK_LEVEL."""
    ground_truth: GroundTruth

    @property
    def asked(self) -> tuple[Window, ...]:
        """The windows that miners are asked about."""
        return tuple(window for window in self.windows if window.level == TASK_LEVEL)


class TaggingApi:
    """Tags conversations through miners; a context manager.

    Example:
        >>> async with TaggingApi(signer, embedder) as api:  # doctest: +SKIP
        ...     tagged = await api(conversation, choose_miners(metagraph, count=5))
    """

    def __init__(
        self,
        signer: Signer,
        embedder: Embedder,
        *,
        engine: Engine | None = None,
        windowing: WindowingSettings | None = None,
        max_tags: int = 20,
        timeout_seconds: float = 12.0,
        calls_at_once: int = 256,
        calls_per_miner: int = 4,
        varies: bool = True,
        public_only: bool = False,
    ) -> None:
        """Keep the tools; nothing is sent yet.

        Args:
            signer: The hotkey that calls. Miners answer who holds a validator permit on their subnet, and nobody else.
            embedder: What compares tags, such as `load_embedder(models_path)`.
            engine: What reads the conversation for the reference; the extractive one if None.
            windowing: Where conversations are cut; as the server does by default if None.
            max_tags: Tags that a miner may return for a window, 1 to 40.
            timeout_seconds: What a miner has for one window.
            calls_at_once: Calls that run at once.
            calls_per_miner: Calls to one miner that run at once.
            varies: Whether different lines are left out for each miner, without which an answer that was copied cannot be
                told from a second miner that reads alike, and counts as support.
            public_only: Ask nobody at an address of this machine or its neighbours: true on a public network, where
                whoever registers may publish any address.
        """
        self._embedder = embedder
        self._engine = engine or load_engine(DEFAULT_ENGINE, embedder)
        self._windowing = windowing or WindowingSettings()
        self._max_tags = max_tags
        self._timeout_seconds = timeout_seconds
        self._varies = varies
        self._secret = secrets.token_bytes(32)
        self._kind: TaskType = task_type("conversation_tagging")
        self._calls = MinerCalls(
            signer, at_once=calls_at_once, at_once_per_miner=calls_per_miner, public_only=public_only
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        await self._calls.aclose()

    async def __call__(
        self, conversation: Conversation, miners: Sequence[Neuron], *, deadline_seconds: float = 120.0
    ) -> TaggedConversation:
        """Return the conversation with the tags that these miners agree on; what is not in by the deadline is late.

        Raises:
            ConversationTooShortError: If there is nothing to cut windows from.
        """
        prepared = await asyncio.to_thread(self.prepare, conversation)
        responses = await self.query(prepared, miners, deadline_seconds=deadline_seconds)
        return await asyncio.to_thread(self.process_responses, prepared, responses)

    def prepare(self, conversation: Conversation) -> Prepared:
        """Return the conversation cut into windows, with the caller's own reading of it; takes seconds of work.

        Raises:
            ConversationTooShortError: If there is nothing to cut windows from.
        """
        unlabelled = conversation.without_labels()
        vectors = None
        if needs_vectors(unlabelled, self._windowing):
            embedder = embedder_for(self._embedder, unlabelled.language)
            vectors = embedder.embed([line.text for line in unlabelled.lines]).astype(np.float32)
        windows = cut(unlabelled, self._windowing, vectors)
        return Prepared(unlabelled, windows, self._kind.generate(unlabelled, windows, self._engine))

    async def query(
        self, prepared: Prepared, miners: Sequence[Neuron], *, deadline_seconds: float = 120.0
    ) -> tuple[Response, ...]:
        """Return what each miner answers about each window; every call has a task id and speaker labels of its own."""
        asked = [
            (miner, shown, self._task(prepared, shown))
            for window in prepared.asked
            for miner, shown in zip(miners, self._editions(prepared, window, miners), strict=True)
        ]
        if not asked:
            return ()
        jobs = [asyncio.create_task(self._calls.call(*one)) for one in asked]
        _, pending = await asyncio.wait(jobs, timeout=deadline_seconds)
        for job in pending:
            job.cancel()
        await asyncio.gather(*pending, return_exceptions=True)
        why = f"not in when {deadline_seconds:g} s were over"
        return tuple(
            Response(*one, Outcome.LATE, detail=why) if job in pending else job.result()
            for one, job in zip(asked, jobs, strict=True)
        )

    def process_responses(self, prepared: Prepared, responses: Sequence[Response]) -> TaggedConversation:
        """Return the graded and merged answers; one that is malformed, late or missing costs its miner alone."""
        conversation = prepared.conversation
        graded = grade_responses(self._kind, conversation, prepared.ground_truth, responses, self._embedder)
        answers = merged_answers(self._kind, conversation, graded)
        answered = {one.window_id for one in answers}
        return TaggedConversation(
            record=merge(
                prepared.conversation,
                prepared.windows,
                answers,
                embedder=self._embedder,
                quality=assess(prepared.conversation, self._embedder),
                miners=len({one.miner_hotkey for one in answers}),
                validators=1,
                scoring_version=self._kind.scoring_version,
                merged_at=datetime.now(UTC),
            ),
            miners=reports_of(graded),
            unanswered=sum(window.id not in answered for window in prepared.asked),
        )

    def _editions(self, prepared: Prepared, window: Window, miners: Sequence[Neuron]) -> list[Window]:
        """Return the window as each miner is shown it."""
        if not self._varies:
            return [window] * len(miners)
        names = [miner.hotkey for miner in miners]
        varied = self._kind.vary(prepared.conversation, window, prepared.ground_truth, names, self._secret)
        return [varied[name] for name in names]

    def _task(self, prepared: Prepared, window: Window) -> MinerTask:
        return self._kind.mask(
            prepared.conversation,
            window,
            task_id=secrets.token_hex(16),
            max_tags=self._max_tags,
            timeout_seconds=self._timeout_seconds,
        )

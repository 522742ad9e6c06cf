"""A talk, its windows and answers to them, made up for the tests of merging."""

from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np

from conversation_genome.annotation import Fact, FactKind, Profile, Tag
from conversation_genome.conversation import Conversation, Utterance, Window
from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.quality.base import Quality
from conversation_genome.record import MergedRecord
from conversation_genome.tasks.conversation_tagging.merging import GradedAnswer, merge

SAME = {"gardens": "gardening", "growing plants": "gardening", "world war 2": "world war 1", "料理": "音楽"}
"""What the double below takes for the same meaning."""


class MeaningEmbedder:
    """Gives texts of one meaning one vector, and every other pair a right angle; counts its calls."""

    model = EmbeddingModel(name="meaning", revision="1", dimensions=64)

    def __init__(self) -> None:
        self.calls = 0
        self._axes: dict[str, int] = {}

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.calls += 1
        axes = [self._axes.setdefault(SAME.get(text, text), len(self._axes)) for text in texts]
        return np.eye(64, dtype=np.float32)[axes]


TALK = Conversation(
    id="talk",
    source="tests",
    license="MIT",
    participants=("Ana", "Bo"),
    lines=tuple(Utterance(speaker=number % 2, text=f"line {number}") for number in range(12)),
    labels={"secret": True},
)
WHOLE = Window(conversation_id=TALK.id, level=0, start=0, end=12)
FIRST = Window(conversation_id=TALK.id, level=2, start=0, end=6)
SECOND = Window(conversation_id=TALK.id, level=2, start=6, end=12)
QUALITY = Quality(
    relevance=1, engagement=1, novelty=1, coherence=1, fluency=1, boring_index=0, lines=(1,) * len(TALK.lines)
)


def answer(
    miner: str, score: float, *tags: str | Tag, window: Window = FIRST, facts: Sequence[Fact] = ()
) -> GradedAnswer:
    return GradedAnswer(
        window_id=window.id,
        miner_hotkey=miner,
        score=score,
        answer=MinerAnswer(
            task_id=window.id,
            tags=tuple(tag if isinstance(tag, Tag) else Tag(text=tag) for tag in tags),
            profiles=(Profile(participant="Ana", facts=tuple(facts)),) if facts else (),
            engine="tests",
        ),
    )


def interest(text: str, *evidence: int, confidence: float = 1.0) -> Fact:
    return Fact(kind=FactKind.INTEREST, text=text, evidence=evidence, confidence=confidence)


def merged(
    *answers: GradedAnswer, embedder: MeaningEmbedder | None = None, windows: Sequence[Window] = (FIRST, SECOND)
) -> MergedRecord:
    return merge(
        TALK,
        windows,
        answers,
        embedder=embedder or MeaningEmbedder(),
        quality=QUALITY,
        miners=len({graded.miner_hotkey for graded in answers}),
        validators=1,
        scoring_version="1",
        merged_at=datetime(2026, 1, 1, tzinfo=UTC),
    )

"""Talks for the tests of the engines, and an embedder that remembers what it was asked for."""

from collections.abc import Sequence

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import FloatArray
from conversation_genome.testing.embedder import HashEmbedder


class CountingEmbedder(HashEmbedder):
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str]) -> FloatArray:
        self.asked += texts
        return super().embed(texts)


def talk(
    *lines: str | tuple[int, str], participants: tuple[str, ...] = ("Ann", "Ben"), language: str | None = None
) -> Conversation:
    """Return a talk; lines without a speaker alternate."""
    spoken = [line if isinstance(line, tuple) else (number % 2, line) for number, line in enumerate(lines)]
    return Conversation(
        id="talk",
        participants=participants,
        lines=tuple(Utterance(speaker=speaker, text=text) for speaker, text in spoken),
        language=language,
    )

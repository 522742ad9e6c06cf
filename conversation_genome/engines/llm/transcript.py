"""The conversation as a model sees it: cleaned, numbered, without names, in parts that fit into one call."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.cleaning import cleaned
from conversation_genome.windowing.tokens import token_count

_ROW_TOKENS: Final = 8
"""Of a line's number, its speaker and its end."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A line that says something."""

    number: int
    """Where it stands in the conversation."""
    speaker: int
    text: str
    """Without marks of the transcript, links and control characters."""

    @property
    def tokens(self) -> int:
        """About what the line costs."""
        return token_count(self.text) + _ROW_TOKENS


@dataclass(frozen=True, slots=True)
class Part:
    """Lines that are read in one call; facts count lines in the whole conversation."""

    lines: tuple[Spoken, ...]

    @property
    def rows(self) -> list[str]:
        """The lines as they are sent: number, speaker, words. Names of people stay here."""
        return [f"{line.number} SPEAKER_{line.speaker}: {line.text}" for line in self.lines]


def spoken_lines(conversation: Conversation, numbers: Sequence[int], *, max_tokens: int) -> list[Spoken]:
    """Return those of the lines that say something to people.

    Orders to whatever reads the talk are cut off with the other marks: nobody in it hears them.

    Args:
        conversation: The talk.
        numbers: The lines that are wanted.
        max_tokens: Where a longer line ends.
    """
    participants = frozenset(name.strip().lower() for name in conversation.participants)
    spoken = []
    for number in numbers:
        line = conversation.lines[number]
        text = cleaned(line.text, participants)
        if text:
            spoken.append(Spoken(number, line.speaker, _bounded(text, max_tokens)))
    return spoken


def parts_of(lines: Sequence[Spoken], *, max_tokens: int) -> Iterator[Part]:
    """Yield the lines in as few parts as hold them, all of about the same length."""
    total = sum(line.tokens for line in lines)
    wanted = total / max(1, math.ceil(total / max_tokens))
    held: list[Spoken] = []
    size = 0
    for line in lines:
        if held and (size + line.tokens > max_tokens or size >= wanted):
            yield Part(tuple(held))
            held, size = [], 0
        held.append(line)
        size += line.tokens
    if held:
        yield Part(tuple(held))


def _bounded(text: str, max_tokens: int) -> str:
    room = max_tokens - _ROW_TOKENS
    while token_count(text) > room:
        text = text[: max(1, len(text) * room // token_count(text) - 1)]
    return text

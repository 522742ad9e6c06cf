"""Passages: a stretch of talk as the texts that a model reads, so that lines are read together and not one by one.

A line alone says little (`yes, rubber`), and the mean of many lines is near everything: a passage of those that hold
something to talk about says what they are about together, and costs a third of the lines.
"""

from collections.abc import Sequence
from typing import Final

from conversation_genome.engines.extractive.reading import Reading

PART_LINES: Final = 30
LONG_LINES: Final = 10 * PART_LINES
"""From there on a talk goes from topic to topic, its beginning tells little, and it is read in parts."""
MAX_CHARACTERS: Final = 1_000
"""Of a passage: some 250 word pieces, which is what MiniLM reads of a text (256)."""
LEAD: Final = 0.5
"""Share of a passage that is taken from the beginning, where people say what they come to; the rest is from all over."""


def passages(reading: Reading, stretch: Sequence[int]) -> list[str]:
    """Return one passage of a stretch, or one of each of its parts where it is long; none is empty.

    Args:
        reading: The conversation.
        stretch: Numbers of lines.
    """
    if len(stretch) < LONG_LINES:
        return [_passage(reading, stretch)]
    return [_passage(reading, stretch[start : start + PART_LINES]) for start in range(0, len(stretch), PART_LINES)]


def _passage(reading: Reading, stretch: Sequence[int]) -> str:
    said = [line for line in stretch if reading.weights[line] > 0]
    telling = [line for line in said if _tells(reading, line)] or said
    return _cut([reading.texts[line] for line in telling]) or "-"


def _tells(reading: Reading, line: int) -> bool:
    """Return whether a line holds a phrase that says something alone."""
    return any(not reading.candidates[number].is_weak for number in reading.line_candidates[line])


def _cut(texts: Sequence[str]) -> str:
    """Return the first lines and some of all over the rest, as many as there is room for."""
    lead, used = 0, 0
    while lead < len(texts) and used + len(texts[lead]) <= LEAD * MAX_CHARACTERS:
        used += len(texts[lead]) + 1
        lead += 1
    rest = _some(texts[lead:], MAX_CHARACTERS - used)
    return "\n".join([*texts[:lead], *rest])[:MAX_CHARACTERS].strip()


def _some(texts: Sequence[str], room: int) -> list[str]:
    """Return lines at equal distances that fill the room, at least one; all where they fit."""
    size = sum(map(len, texts)) + len(texts)
    kept = len(texts) if size <= room else max(1, len(texts) * room // size)
    return [texts[index * len(texts) // kept] for index in range(kept)]

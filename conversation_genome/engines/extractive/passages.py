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
LEAD_LINE_CHARACTERS: Final = 20
"""What is shorter is greeted or agreed, not told."""


def passages(reading: Reading, stretch: Sequence[int]) -> list[str]:
    """Return the beginning of a stretch and a passage of all of it, or a passage of each of its parts where it is long.

    None is empty; what fits into the beginning's room is one passage.

    Args:
        reading: The conversation.
        stretch: Numbers of lines.
    """
    if not is_long(stretch):
        passage = _passage(reading, stretch)
        is_short = len(passage) <= LEAD * MAX_CHARACTERS
        return [passage] if is_short else [_beginning(reading, stretch), passage]
    return [_passage(reading, stretch[start : start + PART_LINES]) for start in range(0, len(stretch), PART_LINES)]


def is_long(stretch: Sequence[int]) -> bool:
    """Return whether a stretch is read in parts."""
    return len(stretch) >= LONG_LINES


def _beginning(reading: Reading, stretch: Sequence[int]) -> str:
    told: list[str] = []
    room = int(LEAD * MAX_CHARACTERS)
    for line in stretch:
        text = reading.texts[line]
        if len(text) > LEAD_LINE_CHARACTERS and reading.weights[line] > 0:
            told.append(text[:room])
            room -= len(text) + 1
            if room <= 0:
                break
    return "\n".join(told).strip() or _passage(reading, stretch)


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

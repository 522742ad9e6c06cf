"""Variation: miners are shown one window with different lines left out, so that a copied answer can be told.

The lines to choose from are those whose words stand nowhere else in the window, first those that hold reference
tags: an answer made from them shows it, and who was not shown them cannot have it from there.
"""

import hashlib
import hmac
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from conversation_genome.annotation import Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.scoring.copies import roots

FEWEST_LINES: Final = 6
"""A shorter window is shown whole: a line of it is too much of it."""
CHOICES: Final = 5
"""Lines of a window that may be left out."""
LEFT_OUT: Final = 2
"""Lines that each miner is not shown; one in windows of fewer than ten lines."""
MOST_HIDDEN: Final = 0.5
"""Share of the reference tags that may stand in left-out lines alone."""
_WORTH_OF_A_TAG: Final = 100
_TEN_LINES: Final = 10


def line_numbers(window: Window) -> tuple[int, ...]:
    """Return the numbers of the window's lines in the conversation."""
    return tuple(window.numbers)


def showing(window: Window, shown: Sequence[int]) -> Window:
    """Return the window, under its own id, with no more than some of its lines."""
    return window.showing(shown)


def editions(
    conversation: Conversation, window: Window, references: Sequence[Tag], miners: Iterable[str], secret: bytes
) -> dict[str, Window]:
    """Return what each miner is shown: no two the same where there are enough ways to leave lines out.

    Who is shown what depends on a secret of the validator; a window that cannot spare a line is shown whole to all.
    """
    keyed = hmac.new(secret, f"{conversation.content_hash}/{window.id}".encode(), hashlib.sha256).digest()
    order = sorted(miners, key=lambda name: _keyed(keyed, name))
    numbers = line_numbers(window)
    spoken = [number for number in numbers if conversation.lines[number].text.strip()]
    choices = _telling_lines(conversation, spoken, references) if len(spoken) >= FEWEST_LINES else []
    count = LEFT_OUT if len(spoken) >= _TEN_LINES else 1
    ways = [way for way in itertools.combinations(choices, count) if _spares(way, conversation, numbers, references)]
    ways.sort(key=lambda way: _keyed(keyed, str(way)))
    if len(ways) < 2:
        return dict.fromkeys(order, window)
    return {
        name: showing(window, [number for number in numbers if number not in way])
        for name, way in zip(order, itertools.cycle(ways), strict=False)
    }


def fair_references(conversation: Conversation, window: Window, references: Sequence[Tag]) -> tuple[Tag, ...]:
    """Return the references less those that stand only in lines which the window does not show.

    What stands in no line at all was read between the lines, and stays.
    """
    if not window.left_out:
        return tuple(references)
    seen, unseen = _roots_of(conversation, line_numbers(window)), _roots_of(conversation, window.left_out)
    return tuple(tag for tag in references if not (roots(tag.text) - seen) & unseen)


def _spares(way: Sequence[int], conversation: Conversation, numbers: Sequence[int], references: Sequence[Tag]) -> bool:
    """Tell whether enough of the reference is left to grade by when these lines are left out."""
    seen = _roots_of(conversation, [number for number in numbers if number not in way])
    unseen = _roots_of(conversation, way)
    hidden = sum(bool((roots(tag.text) - seen) & unseen) for tag in references)
    return hidden <= MOST_HIDDEN * len(references)


def _telling_lines(conversation: Conversation, numbers: Sequence[int], references: Iterable[Tag]) -> list[int]:
    held = {number: roots(conversation.lines[number].text) for number in numbers}
    times = Counter(root for own in held.values() for root in own)
    wanted = {root for tag in references for root in roots(tag.text)}
    worth = {}
    for number, own in held.items():
        once = {root for root in own if times[root] == 1}
        worth[number] = len(once) + _WORTH_OF_A_TAG * len(once & wanted)
    best = sorted((number for number in numbers if worth[number]), key=lambda number: (-worth[number], number))
    return best[:CHOICES]


def _roots_of(conversation: Conversation, numbers: Iterable[int]) -> frozenset[str]:
    return frozenset(root for number in numbers for root in roots(conversation.lines[number].text))


def _keyed(key: bytes, name: str) -> bytes:
    return hmac.new(key, name.encode(), hashlib.sha256).digest()

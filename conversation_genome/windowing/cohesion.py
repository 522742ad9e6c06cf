"""Lexical cohesion: where the words of a talk change, its topic does.

TextTiling (Hearst, Computational Linguistics 23(1), 1997), with blocks of lines in place of token
sequences: the similarity of the words before and after every gap, and the depth of its valleys.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]{4,}")
_WIDE_RUN: Final = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\u0e00-\u0e7f]{2,}")
_STEM_CHARACTERS: Final = 6
_COMMON_SHARE: Final = 0.12
"""A word in more than this share of the lines says nothing about where the topic changes."""
_COMMON_LINES: Final = 8


def line_words(texts: Iterable[str]) -> list[Counter[str]]:
    """Return the telling words of each line, crudely stemmed; pairs of characters where words are not spaced."""
    bags = [Counter(_words(text)) for text in texts]
    spread = Counter(word for bag in bags for word in bag)
    limit = max(_COMMON_LINES, int(_COMMON_SHARE * len(bags)))
    return [Counter({word: n for word, n in bag.items() if 1 < spread[word] <= limit}) for bag in bags]


def gap_similarities(bags: Sequence[Counter[str]], block_lines: int) -> list[float]:
    """Return the cosine of the words on both sides of each gap, in [0, 1]; gap i lies before line i + 1.

    Every line enters and leaves either block once, so the cost grows with the words alone.
    """
    blocks = _Blocks()
    for bag in bags[:block_lines]:
        blocks.add_right(bag)
    similarities = []
    for gap in range(len(bags) - 1):
        blocks.move_left(bags[gap])
        if gap + block_lines < len(bags):
            blocks.add_right(bags[gap + block_lines])
        if gap >= block_lines:
            blocks.drop_left(bags[gap - block_lines])
        similarities.append(blocks.cosine())
    return similarities


def valley_depths(similarities: Sequence[float]) -> list[float]:
    """Return how far each gap lies under the peaks to its left and right (Hearst 1997, sec. 5.3)."""
    lefts = _climbs(similarities)
    rights = _climbs(similarities[::-1])[::-1]
    return [left + right - 2 * here for left, right, here in zip(lefts, rights, similarities, strict=True)]


def depth_threshold(depths: Sequence[float]) -> float:
    """Return mean minus half a standard deviation of the depths that are not zero (Hearst 1997, sec. 5.4)."""
    deep = [depth for depth in depths if depth > 0]
    if not deep:
        return math.inf
    mean = math.fsum(deep) / len(deep)
    return mean - math.sqrt(math.fsum((depth - mean) ** 2 for depth in deep) / len(deep)) / 2


def _words(text: str) -> Iterable[str]:
    lowered = text.lower()
    for run in _WIDE_RUN.findall(lowered):
        yield from (first + second for first, second in pairwise(run))
    for word in _WORD.findall(_WIDE_RUN.sub(" ", lowered)):
        yield word[:_STEM_CHARACTERS]


def _climbs(similarities: Sequence[float]) -> list[float]:
    """For each gap the height of the peak that is reached by going left and never down."""
    peaks: list[float] = []
    for index, here in enumerate(similarities):
        is_climb = index > 0 and similarities[index - 1] >= here
        peaks.append(peaks[-1] if is_climb else here)
    return peaks


class _Blocks:
    """Word counts left and right of a gap, with their dot product kept up to date in whole numbers."""

    def __init__(self) -> None:
        self._left: Counter[str] = Counter()
        self._right: Counter[str] = Counter()
        self._dot = 0

    def add_right(self, bag: Counter[str]) -> None:
        self._change(bag, self._right, self._left, 1)

    def drop_left(self, bag: Counter[str]) -> None:
        self._change(bag, self._left, self._right, -1)

    def move_left(self, bag: Counter[str]) -> None:
        self._change(bag, self._right, self._left, -1)
        self._change(bag, self._left, self._right, 1)

    def cosine(self) -> float:
        norms = sum(n * n for n in self._left.values()) * sum(n * n for n in self._right.values())
        return self._dot / math.sqrt(norms) if norms else 0.0

    def _change(self, bag: Counter[str], block: Counter[str], other: Counter[str], sign: int) -> None:
        for word, count in bag.items():
            self._dot += sign * count * other.get(word, 0)
            block[word] += sign * count
            if not block[word]:
                del block[word]

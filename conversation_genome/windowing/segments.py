"""Level 1: topic segments, bounded in lines and tokens."""

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from conversation_genome.windowing.cohesion import depth_threshold, gap_similarities, line_words, valley_depths
from conversation_genome.windowing.settings import WindowingSettings

Span = tuple[int, int]
"""`lines[start:end]`."""

_MIN_BLOCK_LINES: Final = 4
_LONGEST_MIN_LINES: Final = 40


def topic_segments(texts: Sequence[str], sizes: Sequence[int], settings: WindowingSettings) -> list[Span]:
    """Return the segments that partition the lines, in order.

    Args:
        texts: The lines.
        sizes: Tokens of each line.
        settings: The bounds.
    """
    min_lines = _min_lines(len(texts), settings)
    block_lines = max(_MIN_BLOCK_LINES, min_lines // 2)
    depths = valley_depths(gap_similarities(line_words(texts), block_lines))
    cuts = _deep_cuts(depths, len(texts), min_lines)
    edges = [0, *cuts, len(texts)]
    spans = pairwise(edges)
    return [part for span in spans for part in _bounded(span, depths, sizes, settings)]


def _min_lines(count: int, settings: WindowingSettings) -> int:
    """Return the lines of a segment at least: a talk of hours dwells longer on a topic than a chat."""
    wanted = max(settings.segment_min_lines, min(_LONGEST_MIN_LINES, round(2 * math.sqrt(count))))
    return min(wanted, settings.segment_max_lines // 2)


def _deep_cuts(depths: Sequence[float], count: int, min_lines: int) -> list[int]:
    """Return the cuts in order: deepest valleys first, none nearer to another than `min_lines`."""
    threshold = depth_threshold(depths)
    free = bytearray([1]) * (count + 1)
    _block(free, 0, min_lines)
    _block(free, count, min_lines)
    cuts = []
    for gap in sorted(range(len(depths)), key=lambda index: (-depths[index], index)):
        if depths[gap] < threshold or depths[gap] <= 0:
            break
        if free[gap + 1]:
            cuts.append(gap + 1)
            _block(free, gap + 1, min_lines)
    return sorted(cuts)


def _block(free: bytearray, cut: int, min_lines: int) -> None:
    start, end = max(0, cut - min_lines + 1), min(len(free), cut + min_lines)
    free[start:end] = bytes(end - start)


def _bounded(span: Span, depths: Sequence[float], sizes: Sequence[int], settings: WindowingSettings) -> list[Span]:
    """Split a span at its deepest gap until every part fits."""
    done: list[Span] = []
    todo = [span]
    while todo:
        start, end = todo.pop()
        if end - start <= settings.segment_max_lines and (
            end - start == 1 or sum(sizes[start:end]) <= settings.segment_tokens
        ):
            done.append((start, end))
            continue
        cut = _best_cut(start, end, depths, settings.segment_min_lines)
        todo += [(cut, end), (start, cut)]
    return done


def _best_cut(start: int, end: int, depths: Sequence[float], min_lines: int) -> int:
    """Return the deepest cut that leaves both parts long enough, the one nearest to the middle where depths are equal."""
    margin = max(1, min(min_lines, (end - start) // 2))
    middle = (start + end) / 2
    return max(range(start + margin, end - margin + 1), key=lambda cut: (depths[cut - 1], -abs(cut - middle)))

"""Level 1: topic segments, bounded in lines and tokens, where the gaps are strongest."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Final

from conversation_genome.conversation import Utterance
from conversation_genome.windowing.boundaries import boundary_odds, threshold_of
from conversation_genome.windowing.cohesion import depth_threshold, gap_similarities, line_words, valley_depths
from conversation_genome.windowing.gaps import Floats
from conversation_genome.windowing.settings import WindowingSettings

Span = tuple[int, int]
"""`lines[start:end]`."""

_MIN_BLOCK_LINES: Final = 4
_MIN_WORD_LINES: Final = 8
_LONGEST_MIN_LINES: Final = 40
_LONGEST_MEANING_LINES: Final = 30
_MEANING_SHARE: Final = 25
_END_LINES: Final = 2
_END_SHARE: Final = 4


@dataclass(frozen=True, slots=True)
class Gaps:
    """How strongly each gap parts the talk, and what follows for the cuts."""

    strengths: Sequence[float]
    threshold: float
    """From here on a gap is cut."""
    min_lines: int
    """Lines between two cuts at least: a talk of hours dwells longer on a topic than a chat."""
    end_lines: int
    """Lines before the first cut and after the last at least: a greeting is short, and a topic of its own."""


def topic_segments(
    lines: Sequence[Utterance], sizes: Sequence[int], settings: WindowingSettings, vectors: Floats | None
) -> list[Span]:
    """Return the segments that partition the lines, in order.

    Args:
        lines: The talk.
        sizes: Tokens of each line.
        settings: The bounds.
        vectors: Unit vectors of the lines; by their words without them.
    """
    gaps = _gaps_by_words(lines, settings) if vectors is None else _gaps_by_meaning(lines, settings, vectors)
    edges = [0, *_cuts(gaps, len(lines)), len(lines)]
    return [part for span in pairwise(edges) for part in bounded(span, gaps, sizes, settings)]


def bounded(span: Span, gaps: Gaps, sizes: Sequence[int], settings: WindowingSettings) -> list[Span]:
    """Split a span at its strongest gap until every part fits."""
    totals = [0, *accumulate(sizes)]
    done: list[Span] = []
    todo = [span]
    while todo:
        start, end = todo.pop()
        is_small = totals[end] - totals[start] <= settings.segment_tokens
        if end - start <= settings.segment_max_lines and (end - start == 1 or is_small):
            done.append((start, end))
            continue
        cut = _best_cut(start, end, gaps)
        todo += [(cut, end), (start, cut)]
    return done


def _gaps_by_meaning(lines: Sequence[Utterance], settings: WindowingSettings, vectors: Floats) -> Gaps:
    odds = boundary_odds(lines, vectors)
    wanted = max(settings.segment_min_lines, min(_LONGEST_MEANING_LINES, round(len(lines) / _MEANING_SHARE)))
    min_lines = min(wanted, settings.segment_max_lines // 2)
    return Gaps(odds, threshold_of(odds), min_lines, min(min_lines, max(_END_LINES, min_lines // _END_SHARE)))


def _gaps_by_words(lines: Sequence[Utterance], settings: WindowingSettings) -> Gaps:
    wanted = max(settings.segment_min_lines, _MIN_WORD_LINES, min(_LONGEST_MIN_LINES, round(2 * math.sqrt(len(lines)))))
    min_lines = min(wanted, settings.segment_max_lines // 2)
    block_lines = max(_MIN_BLOCK_LINES, min_lines // 2)
    depths = valley_depths(gap_similarities(line_words(line.text for line in lines), block_lines))
    return Gaps(depths, max(depth_threshold(depths), math.ulp(0.0)), min_lines, min_lines)


def _cuts(gaps: Gaps, count: int) -> list[int]:
    """Return the cuts in order: strongest gaps first, none nearer to another than `min_lines`, to an end `end_lines`."""
    free = bytearray([1]) * (count + 1)
    _block(free, 0, gaps.end_lines)
    _block(free, count, gaps.end_lines)
    cuts = []
    for gap in sorted(range(len(gaps.strengths)), key=lambda index: (-gaps.strengths[index], index)):
        if gaps.strengths[gap] < gaps.threshold:
            break
        if free[gap + 1]:
            cuts.append(gap + 1)
            _block(free, gap + 1, gaps.min_lines)
    return sorted(cuts)


def _block(free: bytearray, cut: int, min_lines: int) -> None:
    start, end = max(0, cut - min_lines + 1), min(len(free), cut + min_lines)
    free[start:end] = bytes(end - start)


def _best_cut(start: int, end: int, gaps: Gaps) -> int:
    """Return the strongest cut that leaves both parts long enough, the one nearest to the middle among equals."""
    margin = max(1, min(gaps.min_lines, (end - start) // 2))
    middle = (start + end) / 2
    return max(range(start + margin, end - margin + 1), key=lambda cut: (gaps.strengths[cut - 1], -abs(cut - middle)))

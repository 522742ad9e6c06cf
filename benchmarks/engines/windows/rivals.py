"""What the cuts are measured beside: TextTiling on vectors, fixed runs, no cut; two rules for threads."""

from collections.abc import Callable, Sequence

import numpy as np

from benchmarks.engines.windows.talks import Talk
from conversation_genome.windowing.chat import ChatLine
from conversation_genome.windowing.cohesion import valley_depths

FIXED_LINES = 10


def tiling_cuts(talk: Talk, width: int, deviations: float = 0.5) -> list[int]:
    """Return TextTiling's cuts (Hearst 1997) on the lines' vectors: valleys deeper than mean + c deviations."""
    vectors = talk.vectors.astype(np.float64)
    similarities = [
        _cosine(vectors[max(0, gap - width) : gap].mean(axis=0), vectors[gap : gap + width].mean(axis=0))
        for gap in range(1, len(vectors))
    ]
    depths = valley_depths(similarities)
    threshold = np.mean(depths) + deviations * np.std(depths)
    return [gap + 1 for gap, depth in enumerate(depths) if depth > threshold and _is_lowest(similarities, gap)]


def fixed_cuts(talk: Talk) -> list[int]:
    """Return a cut every ten lines."""
    return list(range(FIXED_LINES, len(talk.conversation.lines), FIXED_LINES))


RIVALS: dict[str, Callable[[Talk], list[int]]] = {
    "TextTiling, MiniLM, w 2": lambda talk: tiling_cuts(talk, 2),
    "TextTiling, MiniLM, w 3": lambda talk: tiling_cuts(talk, 3),
    "fixed ten lines": fixed_cuts,
    "no cut": lambda _: [],
}


def named_or_own(lines: Sequence[ChatLine]) -> list[int]:
    """Return threads by the rule: that of the addressed one's last line, else of the speaker's own, else a new one."""
    last: dict[int, int] = {}
    threads = []
    for line in lines:
        known = last.get(line.speaker, len(set(threads)))
        last[line.speaker] = known if line.addressed is None else last.get(line.addressed, known)
        threads.append(last[line.speaker])
    return threads


def by_speaker(lines: Sequence[ChatLine]) -> list[int]:
    """Return one thread a speaker."""
    return [line.speaker for line in lines]


def _cosine(one: np.ndarray, other: np.ndarray) -> float:
    return float(one @ other / max(np.linalg.norm(one) * np.linalg.norm(other), 1e-12))


def _is_lowest(values: Sequence[float], place: int) -> bool:
    return values[place] <= min(values[max(0, place - 1) : place + 2])

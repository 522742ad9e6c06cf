"""Batching: which texts run together so that the least is computed, padding included."""

from collections.abc import Sequence
from typing import Final

MAX_BATCH_TEXTS: Final = 128
MAX_BATCH_TOKENS: Final = 1_024
"""Padding included: larger batches leave the processor's cache and run slower."""
RUN_TOKENS: Final = 16
"""What one run costs besides its tokens, in tokens: the weights are read from memory once a run (measured)."""


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Return the indices of all texts in batches, shorter texts first.

    The batches that cost least of all that keep the order of length: a batch costs RUN_TOKENS and, for each text,
    the tokens of its longest. Found by dynamic programming over the last batch's first text.

    Args:
        lengths: Tokens of each text, each at least 1.
    """
    order = sorted(range(len(lengths)), key=lengths.__getitem__)
    ascending = [lengths[index] for index in order]
    costs, starts = [0], [0]
    for end in range(1, len(order) + 1):
        cost, start = min(
            (costs[start] + RUN_TOKENS + (end - start) * ascending[end - 1], start)
            for start in range(_earliest_start(end, ascending[end - 1]), end)
        )
        costs.append(cost)
        starts.append(start)
    return _cut(order, starts)


def _earliest_start(end: int, width: int) -> int:
    """Return where the batch that ends before `end` may start: a text that is too long runs alone."""
    texts = max(1, min(MAX_BATCH_TEXTS, MAX_BATCH_TOKENS // width))
    return max(0, end - texts)


def _cut(order: Sequence[int], starts: Sequence[int]) -> list[list[int]]:
    found: list[list[int]] = []
    end = len(order)
    while end:
        found.append(list(order[starts[end] : end]))
        end = starts[end]
    return found[::-1]

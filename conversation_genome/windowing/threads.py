"""Threads: a chat in which several talks run through each other, taken apart.

Every line answers an earlier one or opens a thread. A log-linear model gives each earlier line its share
(`replies`); the shares of one thread's lines add up, and the line joins the thread with the most, or opens one
where opening has more. Notices belong to no thread. One pass in order, no line is looked at again: the cost grows
with the lines alone.
"""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from typing import Final

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.windowing.chat import ChatLine, read_chat
from conversation_genome.windowing.replies import FEATURES, Floats, ReplyFeatures
from conversation_genome.windowing.weights import load_weights

MIN_SPEAKERS: Final = 3
MIN_NAMED_SHARE: Final = 0.1
"""Of the lines, that are spoken to somebody by name: .23 to .64 in IRC logs, under .05 in meetings and podcasts."""
MIN_SWITCHES: Final = 0.15
"""Of the lines, that follow a line of another thread: below, the threads stand one after the other."""
_DIGITS: Final = 6


def threads_of(conversation: Conversation, vectors: Floats | None) -> list[list[int]] | None:
    """Return the lines of each thread in order of the threads' first lines; None where the talk does not interleave.

    What decides is the content: three speakers or more, a tenth of the lines spoken to somebody by name, and
    threads that run through each other once they are told apart.

    Args:
        conversation: The talk.
        vectors: Unit vectors of its lines, shape (lines, d); without them meaning does not count.
    """
    lines = read_chat(conversation)
    if not is_crowd(lines):
        return None
    threads = split(conversation, lines, vectors)
    return threads if _interleave(threads) else None


def may_interleave(conversation: Conversation) -> bool:
    """Tell, before anything is embedded, whether a talk may have threads."""
    return len(conversation.participants) >= MIN_SPEAKERS and is_crowd(read_chat(conversation))


def is_crowd(lines: Sequence[ChatLine]) -> bool:
    """Tell whether many talk, and to each other by name."""
    spoken = [line for line in lines if not line.is_notice]
    speakers = {line.speaker for line in spoken}
    named = sum(line.addressed is not None for line in spoken)
    return len(speakers) >= MIN_SPEAKERS and named >= MIN_NAMED_SHARE * len(spoken)


def split(conversation: Conversation, lines: Sequence[ChatLine], vectors: Floats | None) -> list[list[int]]:
    """Return the lines of each thread, in order of the threads' first lines."""
    spoken = [index for index, line in enumerate(lines) if not line.is_notice]
    meanings = np.zeros((len(spoken), 1)) if vectors is None else vectors[spoken]
    times = [conversation.lines[index].at for index in spoken]
    features = ReplyFeatures([lines[index] for index in spoken], times, meanings)
    threads: list[list[int]] = []
    thread_of: list[int] = []
    for place, index in enumerate(spoken):
        candidates = features.candidates(place)
        thread = _thread(features.of(place, candidates), [thread_of[earlier] for earlier in candidates])
        features.advance(place)
        if thread is None:
            thread = len(threads)
            threads.append([])
        threads[thread].append(index)
        thread_of.append(thread)
    return threads


def _thread(rows: Floats, threads: Sequence[int]) -> int | None:
    """Return the thread with the most of the shares, the one spoken in last among equals; None for a new one."""
    scores = np.einsum("nf,f->n", rows, _weights())
    shares = np.round(np.exp(scores - scores.max()), _DIGITS)
    sums: dict[int, float] = {}
    for thread, share in zip(threads, shares[1:].tolist(), strict=True):
        sums[thread] = sums.pop(thread, 0.0) + share  # moved to the end: last spoken in
    best = max(reversed(sums), key=lambda thread: round(sums[thread], _DIGITS), default=None)
    return None if best is None or shares[0] >= sums[best] else best


def _interleave(threads: Sequence[Sequence[int]]) -> bool:
    thread_of = sorted((index, number) for number, lines in enumerate(threads) for index in lines)
    switches = sum(first != second for (_, first), (_, second) in pairwise(thread_of))
    return len(threads) > 1 and switches >= MIN_SWITCHES * len(thread_of)


@cache
def _weights() -> Floats:
    weights, _ = load_weights("reply_weights", "reply", FEATURES)
    return weights

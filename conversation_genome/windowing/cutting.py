"""Fractal cutting: the whole (level 0), its topics (level 1), runs of about ten lines (level 2).

The topics of a talk are its segments, which partition it; those of a chat that interleaves are its threads, whose
lines need not be neighbours. Runs cover their topic: every window lies in exactly one parent, and none mixes threads.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from conversation_genome.conversation import Conversation, Window
from conversation_genome.errors import ConversationTooShortError, InputError
from conversation_genome.windowing.segments import Gaps, Span, bounded, topic_segments
from conversation_genome.windowing.settings import WindowingSettings
from conversation_genome.windowing.threads import may_interleave, threads_of
from conversation_genome.windowing.tokens import token_count

Vectors = NDArray[np.float32]


def cut(conversation: Conversation, settings: WindowingSettings, vectors: Vectors | None = None) -> tuple[Window, ...]:
    """Return the windows of all levels, level 0 first, each level in the order of the talk.

    Windows without any text are left out, and so are level-2 windows of threads shorter than `min_lines`.

    Args:
        conversation: The talk.
        settings: The bounds, and what topics are cut by.
        vectors: Unit vectors of the lines, shape (lines, d), where `needs_vectors` says so.

    Raises:
        ConversationTooShortError: If fewer than `min_lines` lines hold text.
        InputError: If vectors are needed and missing, or not one a line.
    """
    refuse_too_short(conversation, settings)
    meanings = _checked(conversation, settings, vectors)
    threads = None if settings.boundaries == "fixed" else threads_of(conversation, meanings)
    if threads is not None:
        return tuple(_threaded(conversation, settings, threads))
    return tuple(_plain(conversation, settings, meanings))


def needs_vectors(conversation: Conversation, settings: WindowingSettings) -> bool:
    """Tell whether a conversation is cut by meaning: a talk too short for two topics need not be embedded.

    Raises:
        ConversationTooShortError: If fewer than `min_lines` lines hold text.
    """
    refuse_too_short(conversation, settings)
    if settings.boundaries != "meaning":
        return False
    return len(conversation.lines) >= 2 * settings.segment_min_lines or may_interleave(conversation)


def refuse_too_short(conversation: Conversation, settings: WindowingSettings) -> None:
    """Refuse a conversation before any model is called.

    Raises:
        ConversationTooShortError: If fewer than `min_lines` lines hold text.
    """
    count = sum(bool(line.text.strip()) for line in conversation.lines)
    if count < settings.min_lines:
        raise ConversationTooShortError(
            f"conversation {conversation.id!r} has {count} lines with text, but windows are cut from "
            f"{settings.min_lines} on; leave it out or lower the bound"
        )


def _checked(
    conversation: Conversation, settings: WindowingSettings, vectors: Vectors | None
) -> NDArray[np.float64] | None:
    if settings.boundaries != "meaning":
        return None
    if vectors is not None and len(vectors) == len(conversation.lines):
        return np.asarray(vectors, dtype=np.float64)
    if vectors is not None or needs_vectors(conversation, settings):
        raise InputError(
            f"conversation {conversation.id!r} has {len(conversation.lines)} lines and "
            f"{'no' if vectors is None else len(vectors)} vectors, but boundaries='meaning' takes one a line; "
            "embed the lines, or set boundaries='words'"
        )
    return None


def _plain(
    conversation: Conversation, settings: WindowingSettings, vectors: NDArray[np.float64] | None
) -> Iterator[Window]:
    lines = conversation.lines
    sizes = [token_count(line.text) for line in lines]
    segments = [(0, len(lines))]
    if settings.boundaries != "fixed" and (vectors is not None or settings.boundaries == "words"):
        segments = topic_segments(lines, sizes, settings, vectors)
    runs = [run for segment in segments for run in _runs(segment, sizes, settings)]
    for level, (start, end) in [(0, (0, len(lines))), *((1, span) for span in segments), *((2, span) for span in runs)]:
        if any(line.text and not line.text.isspace() for line in lines[start:end]):
            yield Window(conversation_id=conversation.id, level=level, start=start, end=end)


def _threaded(
    conversation: Conversation, settings: WindowingSettings, threads: Sequence[Sequence[int]]
) -> Iterator[Window]:
    yield Window(conversation_id=conversation.id, level=0, start=0, end=len(conversation.lines))
    runs: list[Window] = []
    for number, own in enumerate(threads):
        spoken = [index for index in own if conversation.lines[index].text.strip()]
        sizes = [token_count(conversation.lines[index].text) for index in spoken]
        even = Gaps([0.0] * len(spoken), 0.0, settings.segment_min_lines, settings.segment_min_lines)
        for span in bounded((0, len(spoken)), even, sizes, settings) if spoken else ():
            yield _thread_window(conversation, 1, number, spoken[slice(*span)])
            if len(spoken) >= settings.min_lines:
                runs += [
                    _thread_window(conversation, 2, number, spoken[slice(*run)]) for run in _runs(span, sizes, settings)
                ]
    yield from runs


def _thread_window(conversation: Conversation, level: int, thread: int, lines: Sequence[int]) -> Window:
    return Window(
        conversation_id=conversation.id,
        level=level,
        start=lines[0],
        end=lines[-1] + 1,
        thread=thread,
        lines=tuple(lines),
    )


def _runs(segment: Span, sizes: Sequence[int], settings: WindowingSettings) -> list[Span]:
    """Return runs that cover the segment, each within the bounds, neighbours sharing the overlap."""
    start, last = segment
    runs: list[Span] = []
    while True:
        end = _run_end(start, last, sizes, settings)
        runs.append((start, end))
        if end == last:
            return runs
        start = max(start + 1, end - settings.window_overlap)
        while start < end and sum(sizes[start : end + 1]) > settings.window_tokens:
            start += 1


def _run_end(start: int, last: int, sizes: Sequence[int], settings: WindowingSettings) -> int:
    """Return where the run that begins at `start` ends; a small remainder is taken in where it fits."""
    end, tokens = start + 1, sizes[start]
    while end < min(last, start + settings.window_lines) and tokens + sizes[end] <= settings.window_tokens:
        tokens += sizes[end]
        end += 1
    rest = sizes[end:last] if last - end <= settings.window_overlap + 1 else None
    is_full = end - start == settings.window_lines
    return last if rest and is_full and tokens + sum(rest) <= settings.window_tokens else end

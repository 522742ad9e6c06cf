"""Fractal cutting: the whole (level 0), its topic segments (level 1), runs of about ten lines (level 2).

Segments partition the conversation, runs cover their segment: every window lies in exactly one parent.
"""

from collections.abc import Sequence

from conversation_genome.conversation import Conversation, Window
from conversation_genome.errors import ConversationTooShortError
from conversation_genome.windowing.segments import Span, topic_segments
from conversation_genome.windowing.settings import WindowingSettings
from conversation_genome.windowing.tokens import token_count


def cut(conversation: Conversation, settings: WindowingSettings) -> tuple[Window, ...]:
    """Return the windows of all levels, level 0 first, each level in the order of the talk.

    Windows without any text are left out.

    Raises:
        ConversationTooShortError: If fewer than `min_lines` lines hold text.
    """
    texts = [line.text for line in conversation.lines]
    _refuse_too_short(conversation, texts, settings.min_lines)
    sizes = [token_count(text) for text in texts]
    segments = topic_segments(texts, sizes, settings)
    runs = [run for segment in segments for run in _runs(segment, sizes, settings)]
    levels = [(0, (0, len(texts))), *((1, span) for span in segments), *((2, span) for span in runs)]
    return tuple(
        Window(conversation_id=conversation.id, level=level, start=start, end=end)
        for level, (start, end) in levels
        if any(text and not text.isspace() for text in texts[start:end])
    )


def _refuse_too_short(conversation: Conversation, texts: Sequence[str], min_lines: int) -> None:
    count = sum(bool(text.strip()) for text in texts)
    if count < min_lines:
        raise ConversationTooShortError(
            f"conversation {conversation.id!r} has {count} lines with text, but windows are cut from {min_lines} on; "
            "leave it out or lower the bound"
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

"""FallbackEngine: another engine reads what the first one could not; each time is logged and counted."""

import threading
from collections.abc import Callable, Sequence
from typing import Final, TypeVar

import structlog

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.errors import LlmError

_logger = structlog.get_logger(__name__)
_MAX_NAME_CHARACTERS: Final = 80
Result = TypeVar("Result")


class FallbackEngine:
    """Asks the first engine, and the second where the first raises an LlmError; a conversation is never mixed."""

    def __init__(self, first: Engine, second: Engine) -> None:
        """Take both."""
        self._first = first
        self._second = second
        self._fallen_back = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """Both names, since either may have read what is told."""
        return f"{self._first.name}|{self._second.name}"[:_MAX_NAME_CHARACTERS]

    @property
    def fallen_back(self) -> int:
        """How often the second engine read."""
        with self._lock:
            return self._fallen_back

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return what the first engine reads, or else the second."""
        return self._either(lambda engine: engine.annotate(conversation, max_tags=max_tags))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return what the first engine reads, or else the second: of all windows, so that they compare."""
        return self._either(lambda engine: engine.annotate_windows(conversation, windows, max_tags=max_tags))

    def _either(self, read: Callable[[Engine], Result]) -> Result:
        try:
            return read(self._first)
        except LlmError as exc:
            with self._lock:
                self._fallen_back += 1
            _logger.warning(
                "the language model gave no answer; another engine reads",
                code=exc.code,
                cause=str(exc),
                engine=self._second.name,
            )
            return read(self._second)

"""GatedEngine: a talk that is not worth a paid model is read by another engine, and no model is asked."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.quality.gate import refusal_of

_logger = structlog.get_logger(__name__)
Result = TypeVar("Result")


class GatedEngine:
    """Asks the paid engine about what the gate lets through, and the free one about the rest.

    For whole conversations only: a window in which one person tells a story is none the worse for it.
    """

    def __init__(self, paid: Engine, free: Engine) -> None:
        """Take both."""
        self._paid = paid
        self._free = free
        self._refused = 0
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """The paid engine's: it is what reads conversations; refused ones are logged."""
        return self._paid.name

    @property
    def refused(self) -> int:
        """How often the free engine read."""
        with self._lock:
            return self._refused

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return what the engine reads that the gate allows."""
        return self._reading(conversation, lambda engine: engine.annotate(conversation, max_tags=max_tags))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return what the engine reads that the gate allows, told from the whole conversation."""
        return self._reading(
            conversation, lambda engine: engine.annotate_windows(conversation, windows, max_tags=max_tags)
        )

    def _reading(self, conversation: Conversation, read: Callable[[Engine], Result]) -> Result:
        reason = refusal_of(conversation)
        if reason is None:
            return read(self._paid)
        with self._lock:
            self._refused += 1
        _logger.warning(
            "the conversation is not worth a paid model; another engine reads",
            conversation_id=conversation.id,
            reason=reason,
            engine=self._free.name,
        )
        return read(self._free)

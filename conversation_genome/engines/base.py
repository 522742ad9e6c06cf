"""The Engine Protocol: a talk in, tags and profiles out."""

from collections.abc import Sequence
from typing import Protocol

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window


class Engine(Protocol):
    """Reads conversations; equal input and version, equal output."""

    @property
    def name(self) -> str:
        """Name and version, such as `extractive/1`: recorded beside everything it makes."""

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags (best first) and one profile a participant who spoke, of a whole conversation."""

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the tags of each window, read with the whole conversation in mind; best first."""

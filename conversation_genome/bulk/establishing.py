"""What one reader establishes of a conversation without miners: the record that is published, and what is searched."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from conversation_genome.annotation import Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.base import Engine
from conversation_genome.engines.conversation_vector import conversation_vector, embedder_of
from conversation_genome.errors import InputError
from conversation_genome.language import base_language, detected_language
from conversation_genome.publishing import discreet_record, masked_record
from conversation_genome.quality.assessment import assess
from conversation_genome.quality.gate import refusal_of
from conversation_genome.record import UNSCORED, ConsensusTag, MergedRecord, WindowRecord
from conversation_genome.tasks.conversation_tagging.merging import CONVERSATION_TAGS, WINDOW_TAGS
from conversation_genome.windowing.cutting import cut, needs_vectors
from conversation_genome.windowing.settings import WindowingSettings

ONE_READER: Final = 1


@dataclass(frozen=True, slots=True)
class Reader:
    """What reads conversations: an engine, the vectors, and how talks are cut."""

    engine: Engine
    embedder: Embedder
    windowing: WindowingSettings
    keeps_sensitive: bool = False
    """Whether facts that tell a sensitive trait stay in profiles."""

    @property
    def version(self) -> str:
        """What stands for the scoring in a record that no miner was asked about."""
        return f"{UNSCORED} {self.engine.name}"

    def record(self, conversation: Conversation, moment: datetime) -> MergedRecord:
        """Return what is known of a conversation, masked: no miners, no validators, each tag held by one reader.

        Equal conversations, moments and readers give equal bits.

        Args:
            conversation: As it was read.
            moment: When that was.

        Raises:
            InputError: If it is garbled, empty or too short to cut; the message says which.
            ModelUnavailableError: If the embedding model of its language cannot be loaded.
        """
        reason = refusal_of(conversation)
        if reason is not None:
            raise InputError(reason)
        known = with_language(conversation.without_labels())
        windows = self._windows(known)
        read = self.engine.annotate(known, max_tags=CONVERSATION_TAGS)
        tags = self.engine.annotate_windows(known, windows, max_tags=WINDOW_TAGS)
        record = MergedRecord(
            conversation=known,
            tags=tuple(map(_held, read.tags)),
            windows=tuple(_window(window, own) for window, own in zip(windows, tags, strict=True)),
            profiles=read.profiles,
            embedding=tuple(conversation_vector(known, self.embedder).tolist()),
            embedding_model=embedder_of(known, self.embedder).model,
            quality=assess(known, self.embedder),
            miners=0,
            validators=0,
            scoring_version=self.version,
            merged_at=moment,
        )
        masked = masked_record(record)
        return masked if self.keeps_sensitive else discreet_record(masked)

    def _windows(self, conversation: Conversation) -> tuple[Window, ...]:
        if not needs_vectors(conversation, self.windowing):
            return cut(conversation, self.windowing)
        texts = [line.text for line in conversation.lines]
        return cut(conversation, self.windowing, embedder_for(self.embedder, conversation.language).embed(texts))


def with_language(conversation: Conversation) -> Conversation:
    """Return a conversation with the language that its words tell, where its source states none."""
    if base_language(conversation.language) is not None:
        return conversation
    language = detected_language([line.text for line in conversation.lines]) or conversation.language
    return conversation.model_copy(update={"language": language})


def _held(tag: Tag) -> ConsensusTag:
    return ConsensusTag(text=tag.text, aspect=tag.aspect, weight=tag.weight, support=ONE_READER)


def _window(window: Window, tags: tuple[Tag, ...]) -> WindowRecord:
    return WindowRecord(
        window_id=window.id,
        level=window.level,
        start=window.start,
        end=window.end,
        thread=window.thread,
        lines=window.lines,
        tags=tuple(map(_held, tags)),
        answers=0,
    )

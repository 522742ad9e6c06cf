"""The VectorStore Protocol: records with a vector and words, found by either or by both.

Vectors of different models never meet: a store belongs to the model of its first record.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from conversation_genome.errors import VectorModelError, VectorStoreError
from conversation_genome.vector_store.conditions import Condition

FloatArray = NDArray[np.float32]

UNIT_TOLERANCE: Final = 1e-3
ENOUGH: Final = 0.95
"""Recall@10 from which an index does well."""


class Level(StrEnum):
    """What a record stands for."""

    CONVERSATION = "conversation"
    WINDOW = "window"
    TAG = "tag"
    PROFILE = "profile"
    """What is public of one participant, a fact a line."""


class VectorModel(NamedTuple):
    """What made a vector; two vectors can be compared only if all three are equal."""

    name: str
    revision: str
    dimensions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class VectorRecord:
    """A conversation, one of its windows, tags or participants, as it is found."""

    conversation_id: str
    level: Level
    part: str = ""
    """The window's id, the tag's text or the participant's name; empty for the conversation."""
    text: str
    """What the words are looked up in; in windows one line an utterance."""
    vector: FloatArray = field(compare=False)
    """Unit vector, shape (dimensions,), float32."""
    model: VectorModel
    title: str = ""
    source: str = "unknown"
    language: str | None = None
    started_at: datetime | None = None
    tags: tuple[str, ...] = ()
    """Of the conversation, on every level."""
    speakers: tuple[str, ...] = ()
    """Who says something in the conversation, on every level."""
    sketch: bytes = b""
    """Of the conversation's words, on every level: near-copies have near sketches; empty where there is none."""

    @property
    def id(self) -> str:
        """Unique in a store: what is upserted under an id again replaces what was there."""
        key = repr((self.conversation_id, str(self.level), self.part))
        return hashlib.blake2b(key.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchFilter:
    """What a match must be; a field that is empty or None asks for nothing."""

    levels: frozenset[Level] = frozenset()
    conversation_ids: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    tag: str | None = None
    """A tag of the conversation, in any case."""
    started_from: datetime | None = None
    started_before: datetime | None = None
    where: Condition | None = None
    """What `holds` must say of the record, besides all that is asked above."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """What is known of a conversation without its text."""

    conversation_id: str
    title: str = ""
    source: str = "unknown"
    language: str | None = None
    started_at: datetime | None = None
    tags: tuple[str, ...] = ()
    speakers: tuple[str, ...] = ()
    sketch: bytes = b""

    @property
    def place(self) -> tuple[bool, float, str]:
        """Where it stands among outlines: newest first, those without a date last, equal ones in order of their id."""
        if self.started_at is None:
            return (True, 0.0, self.conversation_id)
        return (False, -self.started_at.timestamp(), self.conversation_id)


@dataclass(frozen=True, slots=True)
class Match:
    """A record that answers a query, and how it does."""

    record: VectorRecord
    score: float
    """Reciprocal rank fusion of the two ranks, 1 if it is first by both; comparable within one search only."""
    similarity: float | None
    """Cosine of the vectors in [-1, 1]; None if no vector was asked for."""
    word_score: float
    """BM25 of the words; 0 where none of them occurs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How a store's index of vectors does beside looking at every one; recall@10 in [0, 1]."""

    records: int
    recall: float | None
    """None where there is no index: then every vector is looked at, and nothing is missed."""
    filtered_recall: float | None
    """Of questions that ask for one source alone."""


class Verification(NamedTuple):
    """When a store's index was measured, and what came of it."""

    at: datetime
    """UTC."""
    health: Health


class VectorStore(Protocol):
    """Keeps records; safe to call from several threads. User text is never read as a query language."""

    @property
    def model(self) -> VectorModel | None:
        """The model whose vectors are kept; None as long as there are none."""

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Add records, or replace those of the same id; all or none, and durable when this returns.

        Raises:
            VectorModelError: If a record's model is not the store's, or its vector is not a unit vector of it.
        """

    def replace(self, conversation_id: str, records: Sequence[VectorRecord]) -> None:
        """Put records in place of everything that is kept of a conversation, in one step.

        Raises:
            VectorModelError: As for `upsert`.
            VectorStoreError: If a record belongs to another conversation.
        """

    def delete(self, conversation_id: str) -> int:
        """Remove all records of a conversation; returns how many there were."""

    def search(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        filters: SearchFilter | None = None,
        limit: int = 10,
        has_texts: bool = True,
    ) -> list[Match]:
        """Return what is near in meaning, holds the words, or both; best first, equal ones in order of their id.

        Args:
            vector: Unit vector, shape (dimensions,); None looks for words alone.
            text: Words; empty, or nothing but stop words, looks for meaning alone.
            filters: What a match must be.
            limit: Matches at most; each of the two rankings is read to at least this depth.
            has_texts: Whether the records come with their texts; if not, a store may leave them empty, which is
                cheaper, and `texts` has those of the few that are shown.

        Raises:
            VectorModelError: If the vector has not the store's dimensions.
        """

    def search_levels(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        limits: Mapping[frozenset[Level], int],
        filters: SearchFilter | None = None,
    ) -> list[Match]:
        """Return what `search` finds on each group of levels, one group after the other; texts may be missing.

        Args:
            vector: As for `search`.
            text: As for `search`.
            limits: Matches at most, by group; a group is ranked for itself.
            filters: What a match must be; their own `levels` are ignored.

        Raises:
            VectorModelError: If the vector has not the store's dimensions.
        """

    def texts(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of the records with these ids, as far as they are there."""

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""

    def records_of(self, conversation_id: str, levels: frozenset[Level] = frozenset()) -> list[VectorRecord]:
        """Return what is kept of a conversation on these levels, or on all, in order of level and part."""

    def outlines(
        self, filters: SearchFilter | None = None, *, after: Outline | None = None, limit: int | None = None
    ) -> list[Outline]:
        """Return the conversations whose record on the conversation level passes, in order of their `place`.

        Args:
            filters: What that record must be; `levels` is ignored.
            after: Only those whose place comes after this one's.
            limit: Outlines at most; None for all.
        """

    def version(self) -> str:
        """Return a text that differs after every write, deletion or refresh, by whichever process; cheap to ask."""

    def refresh(self) -> None:
        """Optimise: merge small files, bring the indices up to date and build those that pay by now.

        Searches see every record before that too, only slower. After an index of vectors was built, its recall is
        measured, and a warning with the remedy is logged where that is under .95.

        Raises:
            VectorStoreError: If the store cannot be written.
        """

    def verify(self) -> Health:
        """Return how much the index of vectors finds, measured on some of the store's own; takes most of a minute at a million.

        Where that is under .95, a store in a folder searches more broadly from then on, in every process, until it is
        not, or as broadly as is bounded; what is returned is measured after that.

        Raises:
            VectorStoreError: If the store cannot be read.
        """

    def verified(self) -> Verification | None:
        """Return what came of the newest `verify`, cheaply; None where none is known of.

        In a folder that is the newest of any process, elsewhere the newest of this one.
        """


def check_records(records: Sequence[VectorRecord], model: VectorModel | None) -> VectorModel | None:
    """Return the one model of the records and the store.

    Raises:
        VectorModelError: If there are two, or a vector is not a unit vector of its model.
    """
    for record in records:
        model = model or record.model
        if record.model != model:
            raise VectorModelError(
                f"the store holds vectors of {_named(model)}, this one is of {_named(record.model)}; "
                "embed again with the store's model, or use another store"
            )
        check_vector(record.vector, model)
    return model


def check_vector(vector: FloatArray, model: VectorModel) -> None:
    """Raise VectorModelError unless this is a unit vector of the model's dimensions."""
    if vector.shape != (model.dimensions,):
        raise VectorModelError(f"a vector of {_named(model)} has shape ({model.dimensions},), not {vector.shape}")
    norm = float(np.linalg.norm(vector))
    if not abs(norm - 1) <= UNIT_TOLERANCE:
        raise VectorModelError(f"a vector must have length 1, not {norm!r}")


def outline_of(record: VectorRecord) -> Outline:
    """Return a conversation's outline from one of its records."""
    return Outline(
        conversation_id=record.conversation_id,
        title=record.title,
        source=record.source,
        language=record.language,
        started_at=record.started_at,
        tags=record.tags,
        speakers=record.speakers,
        sketch=record.sketch,
    )


def check_owner(conversation_id: str, records: Sequence[VectorRecord]) -> None:
    """Raise VectorStoreError if a record belongs to another conversation."""
    for record in records:
        if record.conversation_id != conversation_id:
            raise VectorStoreError(
                f"a record of {record.conversation_id!r} cannot replace those of {conversation_id!r}"
            )


def _named(model: VectorModel) -> str:
    return f"{model.name}@{model.revision[:12]} ({model.dimensions} dimensions)"

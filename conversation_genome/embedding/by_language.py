"""Which model reads a talk: its language decides, wherever the talk is tagged, graded, merged, searched or published.

`ByLanguage` is an Embedder like any other (its own vectors are the default model's) that can hand out the model of
a language. Whatever works on one conversation calls `embedder_for(embedder, conversation.language)` first and uses
what it gets for *all* texts of that conversation, so that vectors of two models never meet:

    embedder = embedder_for(self._embedder, conversation.language)
    vectors = embedder.embed([line.text for line in conversation.lines])

The language is the one that stands in the record, put there at the import; None and English mean the default model,
and so does every language that the other models do not know.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.cache import CachedEmbedder, EmbeddingCounters
from conversation_genome.language import base_language


@runtime_checkable
class Chooses(Protocol):
    """An Embedder that knows others for other languages."""

    def for_language(self, language: str | None) -> Embedder:
        """Return the embedder of a language."""

    def for_model(self, name: str, revision: str) -> Embedder | None:
        """Return the embedder that makes a model's vectors; None if there is none."""


@dataclass(frozen=True, slots=True)
class Specialist:
    """A model for some languages that is loaded when the first text in one of them comes."""

    model: EmbeddingModel
    languages: frozenset[str]
    """Two letters each."""
    load: Callable[[], CachedEmbedder]


class ByLanguage:
    """An Embedder that hands out the model of a language; safe across threads."""

    def __init__(self, default: CachedEmbedder, specialists: Iterable[Specialist]) -> None:
        """Take the default embedder and what may stand in for it; of two that know a language the first is taken."""
        self._default = default
        self._specialists = tuple(specialists)
        self._loaded: dict[EmbeddingModel, CachedEmbedder] = {}
        self._lock = threading.Lock()

    @property
    def model(self) -> EmbeddingModel:
        """The default model."""
        return self._default.model

    @property
    def models(self) -> Mapping[EmbeddingModel, frozenset[str]]:
        """Every model with its languages, the default one first (with none: it takes what is left)."""
        return {self.model: frozenset()} | {one.model: one.languages for one in self._specialists}

    @property
    def counters(self) -> EmbeddingCounters:
        """What all loaded models did so far; a snapshot."""
        with self._lock:
            every = [self._default.counters, *(one.counters for one in self._loaded.values())]
        return EmbeddingCounters(
            asked=sum(one.asked for one in every),
            computed=sum(one.computed for one in every),
            cpu_seconds=sum(one.cpu_seconds for one in every),
        )

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return the default model's vectors: shape (len(texts), dimensions), float32."""
        return self._default.embed(texts)

    def for_language(self, language: str | None) -> Embedder:
        """Return the embedder of a language: a code, with a region or without; None where it is not known.

        Raises:
            ModelUnavailableError: If that model cannot be loaded.
        """
        code = base_language(language)
        for one in self._specialists:
            if code in one.languages:
                return self._load(one)
        return self._default

    def for_model(self, name: str, revision: str) -> Embedder | None:
        """Return the embedder that makes a model's vectors; None if there is none.

        Raises:
            ModelUnavailableError: If that model cannot be loaded.
        """
        wanted = (name, revision)
        if wanted == (self.model.name, self.model.revision):
            return self._default
        found = (one for one in self._specialists if wanted == (one.model.name, one.model.revision))
        return next(map(self._load, found), None)

    def _load(self, specialist: Specialist) -> CachedEmbedder:
        with self._lock:
            if specialist.model not in self._loaded:
                self._loaded[specialist.model] = specialist.load()
            return self._loaded[specialist.model]


def embedder_for(embedder: Embedder, language: str | None) -> Embedder:
    """Return what embeds texts of a language: the embedder itself, unless it knows a better one.

    Raises:
        ModelUnavailableError: If that model cannot be loaded.
    """
    return embedder.for_language(language) if isinstance(embedder, Chooses) else embedder


def embedder_of(embedder: Embedder, name: str, revision: str) -> Embedder | None:
    """Return what makes the vectors of a model; None where nothing at hand does.

    Raises:
        ModelUnavailableError: If that model cannot be loaded.
    """
    if (name, revision) == (embedder.model.name, embedder.model.revision):
        return embedder
    return embedder.for_model(name, revision) if isinstance(embedder, Chooses) else None

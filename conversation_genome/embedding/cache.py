"""CachedEmbedder: no text is embedded twice while it is remembered."""

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.text import readable

MAX_KEY_CHARACTERS: Final = 200
"""Longer texts are remembered by their digest, so that the cache's size does not depend on them."""

Key = str | bytes


@dataclass(frozen=True, slots=True)
class EmbeddingCounters:
    """What a CachedEmbedder did since it was made."""

    asked: int = 0
    """Texts that callers wanted vectors of."""
    computed: int = 0
    """Texts that the model had to read."""
    cpu_seconds: float = 0.0
    """Processor time of the calling threads in the backend: the tokeniser and the model."""


class CachedEmbedder:
    """An Embedder that reads each text once and remembers the most recently used; safe across threads."""

    def __init__(self, backend: Embedder, *, entries: int = 100_000) -> None:
        """Wrap a backend.

        Args:
            backend: What makes the vectors.
            entries: Texts that are remembered at most (1.5 kB each with 384 dimensions); 0 remembers none.
        """
        self._backend = backend
        self._entries = entries
        self._vectors: OrderedDict[Key, FloatArray] = OrderedDict()
        self._lock = threading.Lock()
        self._counters = EmbeddingCounters()

    @property
    def model(self) -> EmbeddingModel:
        """The backend's model."""
        return self._backend.model

    @property
    def counters(self) -> EmbeddingCounters:
        """What was done so far; a snapshot."""
        with self._lock:
            return self._counters

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), dimensions), float32; the array is the caller's own."""
        if not texts:
            return np.empty((0, self.model.dimensions), dtype=np.float32)
        keys = [_key(text) for text in texts]
        vectors = self._remembered(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in vectors}
        if missing:
            vectors |= self._compute(missing)
        return np.stack([vectors[key] for key in keys])

    def _remembered(self, keys: Sequence[Key]) -> dict[Key, FloatArray]:
        found: dict[Key, FloatArray] = {}
        with self._lock:
            self._counters = replace(self._counters, asked=self._counters.asked + len(keys))
            for key in keys:
                vector = self._vectors.get(key)
                if vector is not None:
                    self._vectors.move_to_end(key)
                    found[key] = vector
        return found

    def _compute(self, missing: dict[Key, str]) -> dict[Key, FloatArray]:
        started = time.thread_time()
        rows = self._backend.embed(list(missing.values()))
        seconds = time.thread_time() - started
        computed = {key: row.copy() for key, row in zip(missing, rows, strict=True)}
        with self._lock:
            self._counters = replace(
                self._counters,
                computed=self._counters.computed + len(computed),
                cpu_seconds=self._counters.cpu_seconds + seconds,
            )
            self._remember(computed)
        return computed

    def _remember(self, computed: dict[Key, FloatArray]) -> None:
        if self._entries:
            self._vectors.update(computed)
        while len(self._vectors) > self._entries:
            self._vectors.popitem(last=False)


def _key(text: str) -> Key:
    if len(text) <= MAX_KEY_CHARACTERS:
        return text
    return hashlib.blake2b(readable(text).encode(), digest_size=16).digest()

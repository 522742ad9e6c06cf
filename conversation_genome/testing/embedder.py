"""HashEmbedder: an Embedder without a model, for tests that need vectors and not meaning."""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import numpy as np

from conversation_genome.embedding.base import EmbeddingModel, FloatArray

DIMENSIONS: Final = 64
_WORDS: Final = re.compile(r"\w+")


class HashEmbedder:
    """Adds up one pseudo-random direction a word: texts that share words are alike, equal texts are equal."""

    @property
    def model(self) -> EmbeddingModel:
        """A model that is no model."""
        return EmbeddingModel(name="hash", revision="1", dimensions=DIMENSIONS)

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), 64), float32."""
        vectors = np.empty((len(texts), DIMENSIONS), dtype=np.float32)
        for row, text in enumerate(texts):
            words = _WORDS.findall(text.lower()) or [text]
            total = np.sum([_direction(word) for word in words], axis=0)
            vectors[row] = total / np.linalg.norm(total)
        return vectors


def _direction(word: str) -> FloatArray:
    """Return a unit vector that depends on the word alone, nearly orthogonal to every other word's."""
    digest = hashlib.sha512(word.encode("utf-8", "replace")).digest()
    signs = np.unpackbits(np.frombuffer(digest, dtype=np.uint8))[:DIMENSIONS].astype(np.float32) * 2 - 1
    return signs / np.float32(np.sqrt(DIMENSIONS))

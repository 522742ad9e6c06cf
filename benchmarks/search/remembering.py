"""An embedder that keeps its vectors in a file, so that a second run does not wait for the model."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray


class RememberingEmbedder:
    """Asks another embedder for what is not in the file."""

    def __init__(self, backend: Embedder, file: Path | None) -> None:
        self._backend = backend
        self._file = file
        self._vectors: dict[str, FloatArray] = {}
        if file is not None and file.exists():
            kept = np.load(file)
            self._vectors = dict(zip(kept["keys"].tolist(), kept["vectors"], strict=True))

    @property
    def model(self) -> EmbeddingModel:
        """The backend's model."""
        return self._backend.model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text."""
        keys = [hashlib.blake2b(text.encode(), digest_size=12).hexdigest() for text in texts]
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in self._vectors}
        self._vectors |= dict(zip(missing, self._backend.embed(list(missing.values())), strict=True))
        if not keys:
            return self._backend.embed([])
        return np.stack([self._vectors[key] for key in keys])

    def save(self) -> None:
        """Write the vectors to the file, if there is one."""
        if self._file is not None:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._file, keys=np.array(list(self._vectors)), vectors=np.stack(list(self._vectors.values())))

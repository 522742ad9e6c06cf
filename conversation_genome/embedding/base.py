"""The Embedder Protocol: what every backend promises."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

FloatArray = NDArray[np.float32]


class EmbeddingModel(BaseModel):
    """Which model made a vector; travels with every vector that leaves the process."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    revision: str
    """What pins the weights: the SHA-256 of the file or the provider's revision."""
    dimensions: int


class Embedder(Protocol):
    """Turns texts into unit vectors; equal text, equal bits, whatever it is batched with."""

    @property
    def model(self) -> EmbeddingModel:
        """The model that makes the vectors."""

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), dimensions), float32.

        An empty sequence gives shape (0, dimensions). Safe to call from several threads.

        Raises:
            ModelUnavailableError: If the model's files are missing or differ from the pinned ones.
        """

"""One vector for a whole conversation: the same one wherever it is published."""

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.quality.reading import read_line_numbers


def conversation_vector(conversation: Conversation, embedder: Embedder) -> FloatArray:
    """Return the unit mean of the unit vectors of the lines that are read: shape (dimensions,), float32.

    Raises:
        ModelUnavailableError: If the embedding model cannot be used.
    """
    vectors = embedder.embed([conversation.lines[number].text for number in read_line_numbers(conversation)])
    mean = vectors.mean(axis=0, dtype=np.float64)
    unit: FloatArray = (mean / max(float(np.linalg.norm(mean)), float(np.finfo(np.float64).tiny))).astype(np.float32)
    return unit

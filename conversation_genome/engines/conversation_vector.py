"""One vector for a whole conversation: the same one wherever it is published."""

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.language import language_of
from conversation_genome.quality.reading import read_line_numbers


def embedder_of(conversation: Conversation, embedder: Embedder) -> Embedder:
    """Return what reads a conversation: the embedder of its language, which its words tell where it is not stated.

    Raises:
        ModelUnavailableError: If that model cannot be loaded.
    """
    return embedder_for(embedder, language_of([line.text for line in conversation.lines], conversation.language))


def conversation_vector(conversation: Conversation, embedder: Embedder) -> FloatArray:
    """Return the unit mean of the unit vectors of the lines that are read: shape (dimensions,), float32.

    Its model is that of `embedder_of`.

    Raises:
        ModelUnavailableError: If the embedding model cannot be used.
    """
    reader = embedder_of(conversation, embedder)
    vectors = reader.embed([conversation.lines[number].text for number in read_line_numbers(conversation)])
    mean = vectors.mean(axis=0, dtype=np.float64)
    unit: FloatArray = (mean / max(float(np.linalg.norm(mean)), float(np.finfo(np.float64).tiny))).astype(np.float32)
    return unit

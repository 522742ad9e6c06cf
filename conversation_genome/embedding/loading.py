"""The one call that gives a role its embedder."""

from pathlib import Path

from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.embedding.onnx import OnnxEmbedder


def load_embedder(models_path: Path, *, threads: int = 1, cache_entries: int = 100_000) -> CachedEmbedder:
    """Return the default embedder from the folder that `cgp setup` filled.

    Raises:
        ModelUnavailableError: If the model is missing there or was changed.
    """
    return CachedEmbedder(OnnxEmbedder(models_path, threads=threads), entries=cache_entries)

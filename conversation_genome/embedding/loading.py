"""The one call that gives a role its embedder."""

from pathlib import Path

from conversation_genome.embedding.by_language import ByLanguage, Specialist
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.embedding.use_multilingual import LANGUAGES, MODEL, UseMultilingualEmbedder


def load_embedder(models_path: Path, *, threads: int = 1, cache_entries: int = 100_000) -> ByLanguage:
    """Return the default embedder from the folder that `cgp setup` filled, with those of other languages at its back.

    Raises:
        ModelUnavailableError: If the model is missing there or was changed.
    """
    multilingual = Specialist(
        MODEL, LANGUAGES, lambda: CachedEmbedder(UseMultilingualEmbedder(), entries=cache_entries)
    )
    return ByLanguage(CachedEmbedder(OnnxEmbedder(models_path, threads=threads), entries=cache_entries), [multilingual])

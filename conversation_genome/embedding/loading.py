"""The one call that gives a role its embedder."""

from pathlib import Path
from typing import Final

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import ByLanguage, Specialist
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.embedding.use_multilingual import LANGUAGES, MODEL, UseMultilingualEmbedder

PROCESSOR: Final = "cpu"
DEVICE_BATCH: Final = 256
"""Texts that a GPU runs at once."""


def load_embedder(
    models_path: Path, *, threads: int = 1, cache_entries: int = 100_000, device: str = PROCESSOR
) -> ByLanguage:
    """Return the default embedder from the folder that `cgp setup` filled, with those of other languages at its back.

    Args:
        models_path: The folder.
        threads: Of the default model on the processor.
        cache_entries: Texts that each model remembers.
        device: `cpu` runs the graph of that folder; a torch device runs the same weights by sentence-transformers.

    Raises:
        ModelUnavailableError: If the model is missing there or was changed, or there is no such device.
    """
    default: Embedder = OnnxEmbedder(models_path, threads=threads) if device == PROCESSOR else _on_device(device)
    multilingual = Specialist(
        MODEL, LANGUAGES, lambda: CachedEmbedder(UseMultilingualEmbedder(), entries=cache_entries)
    )
    return ByLanguage(CachedEmbedder(default, entries=cache_entries), [multilingual])


def _on_device(device: str) -> Embedder:
    from conversation_genome.embedding.export import load_packaged  # noqa: PLC0415 - torch takes seconds to load

    return load_packaged(device=device, batch_size=DEVICE_BATCH)

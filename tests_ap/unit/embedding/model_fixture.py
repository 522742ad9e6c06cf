"""The real model for tests: the project's own if `cgp setup` made it, else one export for the whole run."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from conversation_genome.embedding.export import export_model
from conversation_genome.embedding.files import is_exported
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.settings import PROJECT_ROOT


@cache
def models_path() -> Path:
    """Return a folder that holds the exported model."""
    own = PROJECT_ROOT / "models"
    if is_exported(own):
        return own
    folder = Path(tempfile.mkdtemp(prefix="conversation-genome-model-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    export_model(folder)
    return folder


@cache
def real_embedder() -> OnnxEmbedder:
    """Return the default backend, loaded once."""
    return OnnxEmbedder(models_path())

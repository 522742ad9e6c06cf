"""The files of the exported model and the manifest that pins them."""

import hashlib
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.errors import ModelUnavailableError

MODEL_NAME: Final = "all-MiniLM-L6-v2"
WEIGHTS_SHA256: Final = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of model.safetensors, as two independent packages carry it."""
DIMENSIONS: Final = 384
MAX_TOKENS: Final = 256
"""Word pieces that sentence-transformers lets this model read, the two marks at the ends included."""
EXPORT_VERSION: Final = 2
"""Counts up when the graph is built differently: an older one is then exported anew."""

REMEDY: Final = "run `cgp setup`"


class Manifest(BaseModel):
    """What was exported from which weights."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    model: str
    export_version: int
    weights_sha256: str
    graph_sha256: str
    tokenizer_sha256: str
    dimensions: int
    max_tokens: int


class ModelFiles:
    """Where the files of the model lie in a models folder."""

    def __init__(self, models_path: Path) -> None:
        self.folder = models_path
        self.graph = models_path / f"{MODEL_NAME}.onnx"
        self.tokenizer = models_path / f"{MODEL_NAME}.tokenizer.json"
        self.manifest = models_path / f"{MODEL_NAME}.json"
        self.lock = models_path / f".{MODEL_NAME}.lock"

    @property
    def every_file(self) -> tuple[Path, Path, Path]:
        """The files, the manifest last."""
        return self.graph, self.tokenizer, self.manifest

    def checked_manifest(self) -> Manifest:
        """Return the manifest once every file matches it.

        Raises:
            ModelUnavailableError: If a file is missing or is not the one that was exported.
        """
        manifest = self._read_manifest()
        if manifest.weights_sha256 != WEIGHTS_SHA256 or manifest.export_version != EXPORT_VERSION:
            raise ModelUnavailableError(
                f"{self.manifest} describes another model or an older export than this version needs; {REMEDY}"
            )
        for path, pinned in ((self.graph, manifest.graph_sha256), (self.tokenizer, manifest.tokenizer_sha256)):
            found = sha256_of(path)
            if found != pinned:
                raise ModelUnavailableError(f"{path} has SHA-256 {found}, the manifest says {pinned}; {REMEDY}")
        return manifest

    def _read_manifest(self) -> Manifest:
        try:
            return Manifest.model_validate_json(self.manifest.read_bytes())
        except OSError as exc:
            raise ModelUnavailableError(f"the embedding model is not in {self.folder}; {REMEDY}") from exc
        except ValidationError as exc:
            raise ModelUnavailableError(f"{self.manifest} is not a manifest of this project; {REMEDY}") from exc


def is_exported(models_path: Path) -> bool:
    """Tell whether the folder holds the model that this version needs, every file unharmed."""
    try:
        ModelFiles(models_path).checked_manifest()
    except ModelUnavailableError:
        return False
    return True


def sha256_of(path: Path) -> str:
    """Return a file's SHA-256 in hex.

    Raises:
        ModelUnavailableError: If the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as exc:
        raise ModelUnavailableError(f"{path} cannot be read ({exc.strerror}); {REMEDY}") from exc

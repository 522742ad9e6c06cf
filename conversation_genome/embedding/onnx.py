"""The default backend: MiniLM as one ONNX graph, fp32, on the CPU.

Texts are sorted by length and run in the batches that cost least. In this graph a vector's bits depend neither on the batch
mates nor on the padding: see `export.Pooled`.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.embedding.batching import batches
from conversation_genome.embedding.files import ModelFiles
from conversation_genome.embedding.text import readable
from conversation_genome.errors import ModelUnavailableError

TOKENISED_AT_ONCE: Final = 1_024

TokenIds = NDArray[np.int64]


class OnnxEmbedder:
    """Embeds on the CPU through onnxruntime; equal text, equal bits, whatever it is batched with."""

    def __init__(self, models_path: Path, *, threads: int = 1) -> None:
        """Load the graph that `cgp setup` exported.

        Raises:
            ModelUnavailableError: If a file is missing or differs from the manifest.
        """
        files = ModelFiles(models_path)
        manifest = files.checked_manifest()
        self._model = EmbeddingModel(
            name=manifest.model, revision=manifest.weights_sha256, dimensions=manifest.dimensions
        )
        self._tokenizer = _tokenizer(files.tokenizer, manifest.max_tokens)
        self._session = _session(files.graph, threads)

    @property
    def model(self) -> EmbeddingModel:
        """The model; its revision is the SHA-256 of the weights."""
        return self._model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), 384), float32."""
        vectors = np.empty((len(texts), self._model.dimensions), dtype=np.float32)
        for start in range(0, len(texts), TOKENISED_AT_ONCE):
            part = texts[start : start + TOKENISED_AT_ONCE]
            tokens = [encoding.ids for encoding in self._tokenizer.encode_batch_fast([readable(text) for text in part])]
            for batch in batches([len(ids) for ids in tokens]):
                rows = [start + index for index in batch]
                vectors[rows] = self._run([tokens[index] for index in batch])
        return vectors

    def _run(self, tokens: Sequence[Sequence[int]]) -> FloatArray:
        input_ids, mask = _padded(tokens)
        feed = {"input_ids": input_ids, "attention_mask": mask, "token_type_ids": np.zeros_like(mask)}
        embedding: FloatArray = self._session.run(["embedding"], feed)[0]
        return embedding


def _tokenizer(path: Path, max_tokens: int) -> Any:
    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_padding()
    tokenizer.enable_truncation(max_tokens)
    return tokenizer


def _session(graph: Path, threads: int) -> Any:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
    except (RuntimeError, ValueError) as exc:
        raise ModelUnavailableError(f"onnxruntime cannot load {graph}: {exc}") from exc


def _padded(tokens: Sequence[Sequence[int]]) -> tuple[TokenIds, TokenIds]:
    """Return token ids and mask, both shape (texts, longest), zero where a text has ended."""
    shape = (len(tokens), max(map(len, tokens)))
    input_ids, mask = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    for row, ids in enumerate(tokens):
        input_ids[row, : len(ids)] = ids
        mask[row, : len(ids)] = 1
    return input_ids, mask

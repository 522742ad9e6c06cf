"""Any sentence-transformers model from a folder or by name; on a GPU, or as the oracle of the ONNX export."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from transformers.utils.logging import disable_progress_bar

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.embedding.text import readable
from conversation_genome.errors import ModelUnavailableError


class SentenceTransformersEmbedder:
    """Embeds through torch. A vector's last bits may depend on what it is batched with."""

    def __init__(self, folder: Path, *, name: str, revision: str, device: str = "cpu", batch_size: int = 32) -> None:
        """Load a model from a folder; nothing is downloaded.

        Args:
            folder: The model as sentence-transformers saves it.
            name: The name that travels with the vectors.
            revision: What pins the weights.
            device: A torch device, such as `cpu` or `cuda:0`.
            batch_size: Texts that are run at once.

        Raises:
            ModelUnavailableError: If the folder holds no such model, or torch cannot use the device.
        """
        logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            self._network = SentenceTransformer(
                str(folder), device=device, local_files_only=True, model_kwargs={"attn_implementation": "eager"}
            )
        except (OSError, ValueError) as exc:
            raise ModelUnavailableError(f"{folder} holds no sentence-transformers model: {exc}") from exc
        except (RuntimeError, AssertionError) as exc:  # torch raises either
            raise ModelUnavailableError(f"{device!r} is no device that torch can use: {str(exc)[:200]}") from exc
        self._batch_size = batch_size
        dimensions = int(self._network.get_embedding_dimension() or 0)
        self._model = EmbeddingModel(name=name, revision=revision, dimensions=dimensions)

    @property
    def model(self) -> EmbeddingModel:
        """The model that makes the vectors."""
        return self._model

    @property
    def transformer(self) -> Any:
        """The torch module that turns token ids into hidden states: what the export traces."""
        return self._network[0].model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), dimensions), float32."""
        if not texts:
            return np.empty((0, self._model.dimensions), dtype=np.float32)
        vectors: FloatArray = self._network.encode(
            [readable(text) for text in texts],
            batch_size=self._batch_size,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return vectors

"""OpenAI embeddings, or those of any server that speaks OpenAI's API: vectors from afar, under the same policy.

Every vector carries the name that the server gives its model, and where it was made. Equal text in one process gives
equal bits only behind a CachedEmbedder: servers batch as they like.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlsplit

import numpy as np

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.embedding.text import readable
from conversation_genome.errors import LlmAnswerError
from conversation_genome.llm.base import Usage
from conversation_genome.llm.calls import Calls
from conversation_genome.llm.failures import shown_url
from conversation_genome.llm.loading import load_calls
from conversation_genome.llm.openai import OpenAiProvider
from conversation_genome.llm_settings import LlmSettings

MAX_BATCH_TEXTS: Final = 256
MAX_BATCH_BYTES: Final = 200_000
"""Of a request: fewer tokens than the 300,000 that OpenAI takes at once, for a token is a byte at least."""
MAX_TEXT_BYTES: Final = 8_000
"""Of a text: no more than the 8,191 tokens that OpenAI's models read, however it is written."""
_PROBE: Final = "What dimension has a vector?"
_EMPTY: Final = " "
"""Sent for a text without a letter: the API refuses the empty one."""


class OpenAiEmbedder:
    """Embeds through the API; safe to call from several threads."""

    def __init__(self, provider: OpenAiProvider, calls: Calls) -> None:
        """Ask the server once for the model's true name and dimension.

        Raises:
            LlmError: If it does not answer; the cause is its subclass.
        """
        calls.budget.require_a_limit_that_holds(provider.model)
        self._provider = provider
        self._calls = calls
        vectors, name = self._request([_PROBE])
        self._model = EmbeddingModel(
            name=name,
            revision=urlsplit(shown_url(provider.url)).netloc,
            dimensions=vectors.shape[1],
        )

    @property
    def model(self) -> EmbeddingModel:
        """The model as the server names it; its revision is where it runs, since no provider tells another."""
        return self._model

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return one unit vector a text: shape (len(texts), dimensions), float32.

        Raises:
            LlmError: If the server does not answer, or answers with another model's vectors.
        """
        rows = [self._batch(batch) for batch in _batches([_bounded(text) for text in texts])]
        return np.concatenate(rows) if rows else np.empty((0, self._model.dimensions), dtype=np.float32)

    def _batch(self, texts: Sequence[str]) -> FloatArray:
        vectors, name = self._request(texts)
        if name != self._model.name or vectors.shape[1] != self._model.dimensions:
            raise LlmAnswerError(
                f"the server answers as {name!r} with {vectors.shape[1]} dimensions, and began as "
                f"{self._model.name!r} with {self._model.dimensions}: vectors of different models cannot be compared"
            )
        return vectors

    def _request(self, texts: Sequence[str]) -> tuple[FloatArray, str]:
        worst = Usage(input_tokens=sum(len(text.encode()) for text in texts))

        def attempt(seconds: float) -> tuple[tuple[list[list[float]], str], Usage | None]:
            vectors, name, usage = self._provider.embed(texts, timeout_seconds=seconds)
            return (vectors, name), usage

        vectors, name = self._calls.call(self._provider.model, worst, attempt)
        return _unit_rows(vectors), name


def load_openai_embedder(settings: LlmSettings) -> OpenAiEmbedder:
    """Return the embedder that the settings name.

    Raises:
        LlmKeyMissingError: If there is no key.
        LlmError: If the server does not answer; the cause is its subclass.
    """
    provider = OpenAiProvider(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_embedding_model,
    )
    return OpenAiEmbedder(provider, load_calls(settings))


def _bounded(text: str) -> str:
    plain = readable(text).replace("\0", " ").encode()[:MAX_TEXT_BYTES].decode(errors="ignore")
    return plain if plain.strip() else _EMPTY


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    batch: list[str] = []
    size = 0
    for text in texts:
        length = len(text.encode())
        if batch and (len(batch) >= MAX_BATCH_TEXTS or size + length > MAX_BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += length
    if batch:
        yield batch


def _unit_rows(vectors: Sequence[Sequence[float]]) -> FloatArray:
    """Return the vectors at length 1.

    Raises:
        LlmAnswerError: If they are not one finite, nonzero vector of one dimension each.
    """
    if not vectors or len({len(vector) for vector in vectors}) != 1 or not vectors[0]:
        raise LlmAnswerError("the server returned vectors of different dimensions, or none")
    rows = np.array(vectors, dtype=np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.all(np.isfinite(rows)) or np.any(lengths <= 0):
        raise LlmAnswerError("the server returned a vector that is zero or not finite")
    unit: FloatArray = (rows / lengths).astype(np.float32)
    return unit

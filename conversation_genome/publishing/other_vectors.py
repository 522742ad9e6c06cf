"""Vectors of the models besides the main one: a table each, since vectors of different models never meet in one."""

import re
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pyarrow as pa

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.publishing.rows import Row
from conversation_genome.publishing.tables import TableWriter

_NO_NAME: Final = re.compile(r"[^a-z0-9]+")
_REVISION_SHOWN: Final = 8


def table_name(model: EmbeddingModel) -> str:
    """Return the name of a model's table, such as `vectors_minilm_53aa5117`: equal in every publication."""
    plain = _NO_NAME.sub("_", f"{model.name}_{model.revision[:_REVISION_SHOWN]}".lower()).strip("_")
    return f"vectors_{plain}"


def schema(dimensions: int) -> pa.Schema:
    """Return the columns of such a table."""
    texts = {name: pa.string() for name in ("kind", "id", "model", "revision")}
    return pa.schema({**texts, "vector": pa.list_(pa.float32(), dimensions)})


class OtherVectors:
    """Writes the tables of the models that come; none where all records are of the main one."""

    def __init__(self, folder: Path, files: ExitStack) -> None:
        """Open nothing yet: a table is made with its first vector and closed with `files`."""
        self._folder = folder
        self._files = files
        self._writers: dict[EmbeddingModel, TableWriter] = {}

    @property
    def models(self) -> tuple[EmbeddingModel, ...]:
        """The models that have a table, in the order of their names."""
        return tuple(sorted(self._writers, key=table_name))

    @property
    def rows(self) -> dict[str, int]:
        """Rows by table."""
        return {table_name(model): self._writers[model].count for model in self.models}

    def add(
        self, model: EmbeddingModel, kind: str, vectors: Iterable[tuple[str, FloatArray | tuple[float, ...]]]
    ) -> None:
        """Add vectors of a model.

        Args:
            model: What made them.
            kind: What they stand for: `conversation` or `tag`.
            vectors: The id there and the unit vector, shape (dimensions,), of each.
        """
        if model not in self._writers:
            writer = TableWriter(self._folder, table_name(model), schema(model.dimensions))
            self._writers[model] = self._files.enter_context(writer)
        self._writers[model].add(_row(model, kind, id_, vector) for id_, vector in vectors)


def _row(model: EmbeddingModel, kind: str, id_: str, vector: FloatArray | tuple[float, ...]) -> Row:
    return {"kind": kind, "id": id_, "model": model.name, "revision": model.revision, "vector": list(vector)}

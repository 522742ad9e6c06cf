"""Vectors of the models besides the main one: a table each, since vectors of different models never meet in one."""

import re
from collections.abc import Sequence
from typing import Final

import pyarrow as pa

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.publishing.rows import Row

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


def row(model: EmbeddingModel, kind: str, id_: str, vector: FloatArray | Sequence[float]) -> Row:
    """Return a row of such a table.

    Args:
        model: What made the vector.
        kind: What it stands for: `conversation` or `tag`.
        id_: The id there.
        vector: Unit vector, shape (dimensions,).
    """
    return {"kind": kind, "id": id_, "model": model.name, "revision": model.revision, "vector": list(vector)}

"""Which indices a LanceDB table has, and how they are made."""

from functools import partial
from typing import Any, Final

from lancedb.index import FTS, Bitmap, BTree, HnswSq

from conversation_genome.vector_store import rows
from conversation_genome.vector_store.lance_places import retried

_VECTOR: Final = "vector"
_FULL_TEXT: Final = FTS(
    base_tokenizer="whitespace", stem=False, remove_stop_words=False, ascii_folding=False, lower_case=False
)
"""Terms are read by `terms`, not by LanceDB."""
_COLUMN_INDICES: Final = {
    "id": BTree(),
    "conversation_id": BTree(),
    "started_at": BTree(),
    "level": Bitmap(),
    "source": Bitmap(),
    "language": Bitmap(),
}
_GRAPH_IN_BUCKET: Final = HnswSq(distance_type="dot", num_partitions=1)


def has_for_words(table: Any) -> bool:
    """Tell whether words can be looked up."""
    return any(index.index_type == "FTS" for index in table.list_indices())


def make_for_words(table: Any) -> None:
    """Make words ready to be looked up."""
    table.create_index(rows.TERMS, config=_FULL_TEXT)


def make_for_columns(table: Any) -> None:
    """Index the columns that filters ask for, where that was not done."""
    known = {column for index in table.list_indices() for column in index.columns}
    for column, config in _COLUMN_INDICES.items():
        if column not in known:
            retried(partial(table.create_index, column, config=config))


def has_for_vectors(table: Any) -> bool:
    """Tell whether LanceDB itself keeps an index of the vectors."""
    return any(_VECTOR in index.columns for index in table.list_indices())


def make_for_vectors(table: Any) -> None:
    """Build LanceDB's own graph: for buckets, from which nothing can be mapped."""
    table.create_index(_VECTOR, config=_GRAPH_IN_BUCKET)

"""VectorStores: one store a model, for vectors of different models never meet; a conversation is in one of them."""

import hashlib
import re
import threading
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Final, Protocol

from conversation_genome.errors import NotFoundError
from conversation_genome.vector_store.base import VectorModel, VectorRecord, VectorStore
from conversation_genome.vector_store.exact import ExactVectorStore
from conversation_genome.vector_store.lance import TABLE, LanceVectorStore, tables_of

_NO_NAME: Final = re.compile(r"[^a-z0-9]+")


class VectorStores(Protocol):
    """Hands out the store of a model; safe to call from several threads."""

    def of(self, model: VectorModel) -> VectorStore:
        """Return the store of a model; it is made by the first upsert."""

    def every(self) -> list[VectorStore]:
        """Return the stores that have a model, that of the main one first."""


class ExactVectorStores:
    """Stores that forget when the process ends."""

    def __init__(self) -> None:
        self._stores: dict[VectorModel, ExactVectorStore] = {}

    def of(self, model: VectorModel) -> VectorStore:
        """Return the store of a model."""
        return self._stores.setdefault(model, ExactVectorStore())

    def every(self) -> list[VectorStore]:
        """Return the stores that have a model."""
        return [store for store in list(self._stores.values()) if store.model is not None]


class LanceVectorStores:
    """One LanceDB table a model, in one folder or bucket."""

    def __init__(self, place: Path | str, *, main: VectorModel, must_exist: bool = False) -> None:
        """Open a place; a folder is made by the first upsert.

        Args:
            place: The folder, or `s3://bucket/path`.
            main: The model of the table that every place of this project has had from the start.
            must_exist: Refuse a place that holds no store.

        Raises:
            NotFoundError: If `must_exist` and there is none.
            VectorStoreError: If a bucket cannot be read.
        """
        self._place = place
        self._main = main
        self._stores: dict[str, LanceVectorStore] = {}
        self._lock = threading.Lock()
        if must_exist and not self._tables():
            raise NotFoundError(f"{str(place)!r} holds no vector store; give the place that the server writes to")

    def of(self, model: VectorModel) -> VectorStore:
        """Return the store of a model."""
        return self._open(TABLE if model == self._main else table_name(model))

    def every(self) -> list[VectorStore]:
        """Return the stores that have a model, that of the main one first; what other processes made too."""
        stores = [self._open(table) for table in self._tables()]
        return [store for store in stores if store.model is not None]

    def _open(self, table: str) -> LanceVectorStore:
        with self._lock:
            if table not in self._stores:
                self._stores[table] = LanceVectorStore(self._place, table=table)
            return self._stores[table]

    def _tables(self) -> list[str]:
        found = [table for table in tables_of(self._place) if table.startswith(TABLE)]
        return sorted(found, key=lambda table: (table != TABLE, table))


def table_name(model: VectorModel) -> str:
    """Return the name of the table of a model that is not the main one; equal in every process."""
    exact = hashlib.sha256(repr(tuple(model)).encode()).hexdigest()[:12]
    return f"{TABLE}_{_NO_NAME.sub('_', model.name.lower())[:60].strip('_')}_{exact}"


def replace(stores: VectorStores, conversation_id: str, records: Sequence[VectorRecord]) -> None:
    """Put records of one model in place of everything that is kept of a conversation, under whichever model.

    Raises:
        VectorModelError: If they are of several models, or a vector is not a unit vector of its model.
        VectorStoreError: If a record belongs to another conversation, or a store cannot be written.
    """
    kept = stores.of(records[0].model) if records else None
    if kept is not None:
        kept.replace(conversation_id, records)
    for store in stores.every():
        if store is not kept:
            store.delete(conversation_id)


def keep_only(stores: VectorStores, conversation_ids: Collection[str]) -> None:
    """Delete every conversation but these."""
    wanted = frozenset(conversation_ids)
    for store in stores.every():
        for outline in store.outlines():
            if outline.conversation_id not in wanted:
                store.delete(outline.conversation_id)

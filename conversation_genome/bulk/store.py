"""Loading the search store: shard by shard, each once; what is gone from the input is gone from the store."""

from collections.abc import Iterator, Sequence
from typing import Final

import orjson

from conversation_genome.bulk.place import Place
from conversation_genome.bulk.shard import Receipt, vectors_of
from conversation_genome.vector_store.base import SearchFilter, VectorRecord
from conversation_genome.vector_store.by_model import VectorStores, replace

WRITE_RECORDS: Final = 8_192
"""In one transaction."""
ASKED_IDS: Final = 1_000
"""That one question to the store names."""


class StoreLoader:
    """Writes shards to the store and notes which are in it; killed in between, it writes that shard again over itself."""

    def __init__(self, stores: VectorStores, shards: Place, *, name: str = "") -> None:
        """Know the store and where the shards are.

        Args:
            stores: The store.
            shards: Where its shards are, and the notes of what is in it.
            name: Of the store: a shard that is noted for another one is not in this one.
        """
        self._stores = stores
        self._shards = shards
        self._name = name

    def load(self, receipt: Receipt, ids: Sequence[str], left_out: frozenset[str]) -> bool:
        """Write a shard, unless it is in the store as it is wanted; returns whether it was written.

        Args:
            receipt: The shard's.
            ids: Its conversations.
            left_out: Those of them that are not wanted.
        """
        note = orjson.dumps([self._name, *sorted(left_out)])
        if self._shards.has(_note(receipt.name)) and self._shards.read(_note(receipt.name)) == note:
            return False
        is_known = self._holds_any(ids)
        for records in self._wanted(receipt, left_out):
            if is_known:
                self._replace(records)
            else:
                self._stores.of(records[0].model).upsert(records)
        self._shards.write(_note(receipt.name), note)
        return True

    def forget(self, name: str, ids: Sequence[str]) -> None:
        """Take conversations out of the store that a shard had put there."""
        for id_ in ids if self._shards.has(_note(name)) else ():
            for store in self._stores.every():
                store.delete(id_)
        self._shards.remove(_note(name))

    def count(self) -> int:
        """Bring the indices up to date and return how many records there are."""
        for store in self._stores.every():
            store.refresh()
        return sum(store.count() for store in self._stores.every())

    def _holds_any(self, ids: Sequence[str]) -> bool:
        asked = (frozenset(ids[start : start + ASKED_IDS]) for start in range(0, len(ids), ASKED_IDS))
        filters = [SearchFilter(conversation_ids=some) for some in asked]
        return any(store.count(one) for store in self._stores.every() for one in filters)

    def _wanted(self, receipt: Receipt, left_out: frozenset[str]) -> Iterator[list[VectorRecord]]:
        """Yield the records in large batches of whole conversations, each of one model."""
        waiting: list[VectorRecord] = []
        for batch in vectors_of(self._shards, receipt):
            for record in batch:
                is_next = bool(waiting) and waiting[-1].conversation_id != record.conversation_id
                if is_next and (len(waiting) >= WRITE_RECORDS or waiting[0].model != record.model):
                    yield waiting
                    waiting = []
                if record.conversation_id not in left_out:
                    waiting.append(record)
        if waiting:
            yield waiting

    def _replace(self, records: Sequence[VectorRecord]) -> None:
        by_conversation: dict[str, list[VectorRecord]] = {}
        for record in records:
            by_conversation.setdefault(record.conversation_id, []).append(record)
        for id_, own in by_conversation.items():
            replace(self._stores, id_, own)


def _note(name: str) -> str:
    return f"{name}.loaded"

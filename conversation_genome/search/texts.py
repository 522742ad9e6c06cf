"""Texts: what is shown of records that were found without their texts, read when it is known which are shown."""

from collections.abc import Iterable, Mapping, Sequence

from conversation_genome.vector_store.base import VectorModel, VectorRecord, VectorStore


class Texts:
    """The texts of records, each read once; of one answer, used by one thread."""

    def __init__(self, stores: Sequence[VectorStore]) -> None:
        self._stores: Mapping[VectorModel | None, VectorStore] = {store.model: store for store in stores}
        self._known: dict[str, str] = {}

    def read(self, records: Iterable[VectorRecord]) -> None:
        """Read those that are not known, of each store together."""
        missing: dict[VectorModel, list[str]] = {}
        for record in records:
            if not record.text and record.id not in self._known:
                missing.setdefault(record.model, []).append(record.id)
        for model, ids in missing.items():
            store = self._stores.get(model)
            # One that was deleted in the meantime has no text.
            self._known |= dict.fromkeys(ids, "") | ({} if store is None else store.texts(ids))

    def of(self, record: VectorRecord) -> str:
        """Return a record's text; empty if it was deleted in the meantime."""
        if record.text:
            return record.text
        self.read([record])
        return self._known[record.id]

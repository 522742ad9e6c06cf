"""From shards to what people use: the dataset, the search store, and the list of what was left out."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from conversation_genome.atomic_file import atomic_writer
from conversation_genome.bulk.duplicates import Seen
from conversation_genome.bulk.faults import in_words, lines_before
from conversation_genome.bulk.pieces import Piece
from conversation_genome.bulk.place import Place
from conversation_genome.bulk.shard import Receipt, keys_of, receipt_of, records_of
from conversation_genome.bulk.store import StoreLoader
from conversation_genome.embedding.base import Embedder
from conversation_genome.publishing import Publication, write_dataset
from conversation_genome.record import MergedRecord
from conversation_genome.search.indexing import vector_model
from conversation_genome.vector_store.opening import open_stores, shown

Advance = Callable[[int], object]
"""Is told how many conversations are done."""


@dataclass
class Finisher:
    """Puts the shards of a run together, in the order of their pieces, whatever order they were made in."""

    out: Path
    shards: Place
    receipts: Sequence[Receipt]
    embedder: Embedder
    store: str | None = None
    """The search store, if not `store` in `out`."""
    duplicates: int = field(default=0, init=False)
    records_searched: int = field(default=0, init=False)

    def finish(self, tell: Callable[[str], Advance]) -> Publication:
        """Write the dataset and load the store; `tell` is told what begins and returns what hears of each step."""
        with ExitStack() as stack:
            seen = stack.enter_context(Seen())
            left_out = [self._left_out(receipt, seen) for receipt in self.receipts]
            self.duplicates = sum(map(len, left_out))
            self._load(left_out, seen, tell("conversations to the search store"))
            advance = tell("conversations to the dataset")
            return write_dataset(self._records(left_out, advance), self.out / "dataset", embedder=self.embedder)

    def write_faults(self, pieces: Sequence[Piece]) -> Path:
        """Write `left-out.txt`: every fault by file and line."""
        path = self.out / "left-out.txt"
        before = lines_before((piece.file, one.lines) for piece, one in zip(pieces, self.receipts, strict=True))
        with atomic_writer(path) as file:
            for position, (piece, receipt) in enumerate(zip(pieces, self.receipts, strict=True)):
                told = in_words(piece.file, receipt.faults, lines_before=before[position])
                file.writelines(f"{line}\n" for line in told)
                if receipt.faults_total > len(told):
                    file.write(f"{piece.file}: {receipt.faults_total - len(told):,} more faults near there\n")
        return path

    def _left_out(self, receipt: Receipt, seen: Seen) -> frozenset[str]:
        ids, contents = keys_of(self.shards, receipt.name)
        return frozenset(one for one, content in zip(ids, contents, strict=True) if not seen.is_new(one, content))

    def _load(self, left_out: Sequence[frozenset[str]], seen: Seen, advance: Advance) -> None:
        stores = open_stores(self.store or self.out / "store", main=vector_model(self.embedder.model))
        loader = StoreLoader(stores, self.shards, name=shown(self.store) if self.store else "")
        self._forget(loader, seen)
        for receipt, unwanted in zip(self.receipts, left_out, strict=True):
            if receipt.conversations:
                loader.load(receipt, keys_of(self.shards, receipt.name)[0], unwanted)
            advance(receipt.conversations)
        self.records_searched = loader.count()

    def _forget(self, loader: StoreLoader, seen: Seen) -> None:
        """Remove the shards that are not of this run's input any more."""
        wanted = {receipt.name for receipt in self.receipts}
        for held in self.shards.files():
            name = held.name.partition(".")[0]
            if held.name == f"{name}.json" and name not in wanted and receipt_of(self.shards, name):
                gone = [id_ for id_ in keys_of(self.shards, name)[0] if not seen.has_id(id_)]
                loader.forget(name, gone)
        for held in self.shards.files():
            if held.name.endswith(".part") or held.name.partition(".")[0] not in wanted:
                self.shards.remove(held.name)

    def _records(self, left_out: Sequence[frozenset[str]], advance: Advance) -> Iterator[MergedRecord]:
        for receipt, unwanted in zip(self.receipts, left_out, strict=True):
            for record in records_of(self.shards, receipt.name):
                if record.conversation.id not in unwanted:
                    yield record
                advance(1)

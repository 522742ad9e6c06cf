"""A shard: what was made of one piece, in three files, the receipt last; a shard without its receipt is none."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict, ValidationError

from conversation_genome.bulk import vectors as vector_rows
from conversation_genome.bulk.faults import Fault
from conversation_genome.bulk.place import Place
from conversation_genome.errors import ConversationGenomeError
from conversation_genome.record import MergedRecord
from conversation_genome.vector_store.base import VectorModel, VectorRecord

GROUP_ROWS: Final = 64
_RECORDS: Final = pa.schema({"id": pa.string(), "content": pa.string(), "record": pa.string()})


class Receipt(BaseModel):
    """What a shard holds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    conversations: int
    lines_spoken: int
    """Lines of all conversations."""
    lines: int
    """Lines, or rows, of the piece."""
    duplicates: int
    """Conversations of the piece whose id or content an earlier one of it has."""
    refused: int
    """Conversations that can be read and are not worth it, or too short."""
    faults_total: int
    """With those that are refused."""
    faults: tuple[Fault, ...]
    """The first thousand."""
    models: tuple[VectorModel, ...]
    """One file of vectors each, in this order."""
    cpu_seconds: float
    """Processor time of the worker."""


class ShardWriter:
    """Collects what is made of a piece on this machine, then puts it where all can see it."""

    def __init__(self, place: Place, name: str, scratch: Path) -> None:
        """Know where the shard goes; `scratch` is a folder of this machine."""
        self._place = place
        self._name = name
        self._scratch = scratch
        self._open = ExitStack()
        self._records = _Table(scratch / "records.parquet", _RECORDS)
        self._vectors: dict[VectorModel, _Table] = {}
        self.conversations = 0
        self.lines_spoken = 0

    def __enter__(self) -> Self:
        """Return the writer."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Close the files."""
        for table in (self._records, *self._vectors.values()):
            table.close()

    @property
    def models(self) -> tuple[VectorModel, ...]:
        """The models of the vectors so far."""
        return tuple(self._vectors)

    def add(self, record: MergedRecord, content: str, vectors: Sequence[VectorRecord]) -> None:
        """Add a conversation.

        Args:
            record: What is known of it.
            content: The hash of its content as it was read.
            vectors: What is searched, all of one model.
        """
        row = {"id": record.conversation.id, "content": content, "record": record.model_dump_json()}
        self._records.add(pa.Table.from_pylist([row], schema=_RECORDS))
        model = vectors[0].model
        schema = vector_rows.schema_of(model)
        if model not in self._vectors:
            self._vectors[model] = _Table(self._scratch / f"vectors-{len(self._vectors)}.parquet", schema)
        self._vectors[model].add(vector_rows.table_of(vectors, schema))
        self.conversations += 1
        self.lines_spoken += len(record.conversation.lines)

    def put(self, receipt: Receipt) -> None:
        """Put the files in their place, the receipt last."""
        for table in (self._records, *self._vectors.values()):
            table.close()
            self._place.put(table.path, f"{self._name}.{table.path.name}")
        self._place.write(_receipt(self._name), receipt.model_dump_json().encode())


class _Table:
    """A Parquet file that holds no more than a row group in memory."""

    def __init__(self, path: Path, schema: pa.Schema) -> None:
        self.path = path
        self._writer = pq.ParquetWriter(path, schema, compression="zstd")
        self._waiting: list[pa.Table] = []

    def add(self, table: pa.Table) -> None:
        self._waiting.append(table)
        if sum(one.num_rows for one in self._waiting) >= GROUP_ROWS:
            self._flush()

    def close(self) -> None:
        if self._writer.is_open:
            self._flush()
            self._writer.close()

    def _flush(self) -> None:
        if self._waiting:
            self._writer.write_table(pa.concat_tables(self._waiting))
        self._waiting = []


def receipt_of(place: Place, name: str) -> Receipt | None:
    """Return a shard's receipt; None where the shard is not there, or of another version of this program."""
    if not place.has(_receipt(name)):
        return None
    try:
        return Receipt.model_validate_json(place.read(_receipt(name)))
    except ValidationError:
        return None


def keys_of(place: Place, name: str) -> tuple[list[str], list[str]]:
    """Return the ids and the content hashes of a shard's conversations, in order."""
    with pq.ParquetFile(place.open(f"{name}.records.parquet")) as file:
        table = file.read(columns=["id", "content"])
    return table.column("id").to_pylist(), table.column("content").to_pylist()


def records_of(place: Place, name: str) -> Iterator[MergedRecord]:
    """Yield a shard's records in order; a row group is in memory at a time.

    Raises:
        ConversationGenomeError: If a file of a shard that has a receipt cannot be read.
    """
    for batch in _batches(place, f"{name}.records.parquet", ["record"]):
        yield from map(MergedRecord.model_validate_json, batch.column(0).to_pylist())


def vectors_of(place: Place, receipt: Receipt) -> Iterator[list[VectorRecord]]:
    """Yield a shard's records for the search in batches, each of one model."""
    for number, model in enumerate(receipt.models):
        for batch in _batches(place, f"{receipt.name}.vectors-{number}.parquet", None):
            yield vector_rows.records_of(batch, model)


def _batches(place: Place, name: str, columns: list[str] | None) -> Iterator[Any]:
    try:
        with pq.ParquetFile(place.open(name)) as file:
            yield from file.iter_batches(batch_size=GROUP_ROWS, columns=columns, use_threads=False)
    except (OSError, pa.ArrowException) as exc:
        raise ConversationGenomeError(
            f"{place.uri}/{name} cannot be read ({str(exc).splitlines()[0][:200]}); remove that folder and run again"
        ) from exc


def _receipt(name: str) -> str:
    return f"{name}.json"

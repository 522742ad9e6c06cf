"""From a piece to its conversations: the same readers as `cgp import`, on a copy of the piece's bytes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq

from conversation_genome.bulk.faults import Fault, Faults
from conversation_genome.bulk.pieces import Piece
from conversation_genome.bulk.place import COPY_BYTES, Place, lines_within
from conversation_genome.bulk.tables import columns_of, record_of
from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources import jsonl
from conversation_genome.sources.registry import read_source

BATCH_ROWS: Final = 64


class PieceReader:
    """Reads one piece; memory does not grow with it."""

    def __init__(self, place: Place, piece: Piece, scratch: Path) -> None:
        """Know the piece.

        Args:
            place: The folder of its file.
            piece: The piece.
            scratch: An empty folder of this machine.
        """
        self._place = place
        self._piece = piece
        self._copy = scratch / Path(piece.file).name
        self.faults = Faults(self._copy)
        self.lines = 0
        """Lines, or rows, that it has; known when all is read."""

    def conversations(self) -> Iterator[Conversation]:
        """Yield the conversations; what cannot be read is a fault."""
        try:
            match self._piece.kind:
                case "groups":
                    yield from self._rows()
                case "lines":
                    yield from self._records()
                case "whole":
                    yield from self._whole()
        except InputError as exc:
            self.faults.note(exc)
        except pa.ArrowException as exc:
            self.faults.add(Fault(reason=f"cannot be read ({str(exc).splitlines()[0][:200]}); export it again"))

    def _records(self) -> Iterator[Conversation]:
        is_blank = True
        with self._place.open(self._piece.file) as file, self._copy.open("wb") as copy:
            for chunk in lines_within(file, self._piece.start, self._piece.end):
                copy.write(chunk)
                self.lines += chunk.count(b"\n")
                is_blank = is_blank and not chunk.strip()
        if not is_blank:
            yield from jsonl.read(self._copy, on_fault=self.faults.note)

    def _whole(self) -> Iterator[Conversation]:
        with self._place.open(self._piece.file) as file, self._copy.open("wb") as copy:
            while chunk := file.read(COPY_BYTES):
                copy.write(chunk)
        yield from read_source(self._copy, on_fault=self.faults.note)

    def _rows(self) -> Iterator[Conversation]:
        with pq.ParquetFile(self._place.open(self._piece.file)) as table:
            batches = table.iter_batches(
                BATCH_ROWS,
                row_groups=range(self._piece.start, self._piece.end),
                columns=columns_of(table.schema_arrow),
                use_threads=False,
            )
            for batch in batches:
                for row in batch.to_pylist():
                    self.lines += 1
                    try:
                        yield Conversation.from_record(record_of(row))
                    except RecordError as exc:
                        self.faults.add(Fault(line=self.lines, reason=str(exc)))

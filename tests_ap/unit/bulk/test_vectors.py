"""What is searched comes to the store as a worker made it."""

import dataclasses
import unittest
from datetime import UTC, datetime

import numpy as np

from conversation_genome.bulk import vectors
from conversation_genome.vector_store.base import Level, VectorModel, VectorRecord

MODEL = VectorModel("letters", "1", 3)
RECORD = VectorRecord(
    conversation_id="talk",
    level=Level.WINDOW,
    part="2-0-10",
    text="Ann: hello\nBo: 今日は",
    vector=np.array([0, 0.6, 0.8], dtype=np.float32),
    model=MODEL,
    title="hello",
    source="test",
    language="ja",
    started_at=datetime(2026, 1, 2, 3, 4, 5, 678, tzinfo=UTC),
    tags=("greeting", "two"),
    speakers=("Ann", "Bo"),
    sketch=b"\x00\xff",
)
BARE = VectorRecord(
    conversation_id="bare", level=Level.TAG, text="", vector=np.array([1, 0, 0], dtype=np.float32), model=MODEL
)


class TestVectors(unittest.TestCase):
    def there_and_back(self, *records: VectorRecord) -> list[VectorRecord]:
        table = vectors.table_of(records, vectors.schema_of(MODEL))
        return [record for batch in table.to_batches() for record in vectors.records_of(batch, MODEL)]

    def test_every_field_comes_back(self) -> None:
        found = self.there_and_back(RECORD, BARE)
        self.assertEqual(found, [RECORD, BARE])
        self.assertEqual([one.vector.tolist() for one in found], [RECORD.vector.tolist(), BARE.vector.tolist()])
        self.assertEqual({one.vector.dtype for one in found}, {np.dtype(np.float32)})

    def test_a_part_of_a_table_holds_its_own_vectors(self) -> None:
        table = vectors.table_of([RECORD, BARE], vectors.schema_of(MODEL)).slice(1)
        (found,) = vectors.records_of(table.to_batches()[0], MODEL)
        self.assertEqual((found, found.vector.tolist()), (BARE, [1, 0, 0]))

    def test_text_that_is_no_unicode_becomes_what_the_store_would_make_of_it(self) -> None:
        broken = dataclasses.replace(RECORD, text="half \ud83d", tags=("\udc00",))
        (found,) = self.there_and_back(broken)
        self.assertEqual((found.text, found.tags), ("half ?", ("?",)))


if __name__ == "__main__":
    unittest.main()

"""LanceDB in a folder keeps the contract, over restarts, between processes and when it is killed."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from conversation_genome.errors import VectorModelError, VectorStoreError
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.vector_store import lance
from conversation_genome.vector_store.base import VectorModel
from conversation_genome.vector_store.exact import ExactVectorStore
from conversation_genome.vector_store.graph import neighbours
from conversation_genome.vector_store.lance import LanceVectorStore
from tests_ap.unit.vector_store.contract import VectorStoreContract
from tests_ap.unit.vector_store.contract_records import MODEL, record, vector_of

_WRITER = """
import sys
from pathlib import Path
from conversation_genome.vector_store.lance import LanceVectorStore
from tests_ap.unit.vector_store.contract_records import record
store = LanceVectorStore(Path(sys.argv[1]))
for number in range(10_000):
    store.replace(f"c{number}", [record(f"c{number}", f"bread {number}", part=str(part)) for part in range(3)])
    print(number, flush=True)
"""


class EagerStore(LanceVectorStore):
    """Brings its graphs up to date at every write, as if each had been a large one."""

    def _write(self, records, *, replaced):
        super()._write(records, replaced=replaced)
        if self._table is not None:
            self._neighbours.grow(self._table)


class LanceWithGraphsTest(VectorStoreContract, unittest.TestCase):
    """The contract again, with every level in a graph as soon as it has three records."""

    def setUp(self):
        for name, value in {"ROWS_WORTH_A_GRAPH": 3, "NEW_SHARE": 0.5, "_log": mock.Mock()}.items():
            patch = mock.patch.object(neighbours, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.path = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        self.store = EagerStore(self.path)


class LanceVectorStoreTest(VectorStoreContract, unittest.TestCase):
    def setUp(self):
        self.path = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        self.store = LanceVectorStore(self.path)

    def test_another_opening_sees_what_was_written_before_and_after_it(self):
        other = LanceVectorStore(self.path)
        self.store.upsert([record("c1")])
        self.assertEqual((other.count(), other.model), (1, MODEL))
        self.store.upsert([record("c2")])
        self.assertEqual(len(other.search(vector_of("bread"), "bread")), 2)

    def test_the_model_is_still_refused_after_a_restart(self):
        self.store.upsert([record("c1")])
        with self.assertRaises(VectorModelError):
            LanceVectorStore(self.path).upsert([record("c2", model=VectorModel("other", "1", 64))])

    def test_a_damaged_table_is_one_sentence(self):
        (self.path / "vectors.lance").mkdir()
        (self.path / "vectors.lance" / "_versions").write_text("no folder")
        with self.assertRaisesRegex(VectorStoreError, "cannot be used"):
            LanceVectorStore(self.path)

    def test_a_store_of_an_earlier_version_gets_the_columns_it_lacks(self):
        self.store.upsert([record("c1", speakers=("Ann",))])
        self.store._table.drop_columns(["speakers", "sketch"])
        opened = LanceVectorStore(self.path)
        opened.upsert([record("c2", speakers=("Bob",))])
        self.assertEqual([(each.speakers, each.sketch) for each in opened.records_of("c1")], [((), b"")])
        self.assertEqual([each.speakers for each in opened.records_of("c2")], [("Bob",)])

    def test_many_small_writes_leave_few_files(self):
        with mock.patch.object(lance, "WRITES_BEFORE_REFRESH", 10):
            for number in range(25):
                self.store.replace(f"c{number}", [record(f"c{number}", f"bread {number}")])
        self.assertEqual(self.store.count(), 25)
        self.assertLess(self.store._table.stats()["fragment_stats"]["num_fragments"], 8)

    def test_it_finds_the_same_as_the_exact_store_by_meaning_and_by_words(self):
        words = ("bread", "tea", "jazz", "guitar", "lesson", "butter", "zither")
        records = [record(f"c{n}", f"{words[n % 7]} {words[n * 3 % 5]} {words[n % 4]}", part=str(n)) for n in range(60)]
        exact = ExactVectorStore()
        for store in (self.store, exact):
            store.upsert(records)
        for query in ("fresh bread", "jazz guitar lesson", "zither"):
            for vector, text in ((vector_of(query), ""), (None, query)):
                ours, theirs = (store.search(vector, text, limit=60) for store in (self.store, exact))
                self.assertEqual({m.record.id for m in ours}, {m.record.id for m in theirs})
                if vector is not None:
                    self.assertEqual([m.record.id for m in ours[:10]], [m.record.id for m in theirs[:10]])

    def test_a_writer_that_is_killed_loses_nothing_it_had_acknowledged(self):
        writer = subprocess.Popen(
            [sys.executable, "-c", _WRITER, str(self.path)], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
        )
        for _ in range(12):
            writer.stdout.readline()
        os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 12 + len(writer.communicate()[0].split())
        survivor = LanceVectorStore(self.path)
        self.assertGreaterEqual(survivor.count(), 3 * acknowledged)
        self.assertEqual(survivor.count() % 3, 0)
        survivor.upsert([record("after")])
        self.assertIn("after", [m.record.conversation_id for m in survivor.search(vector_of("fresh bread"), "fresh")])

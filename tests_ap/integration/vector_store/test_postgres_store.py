"""PostgreSQL with pgvector keeps the contract, between processes, with indices and when a writer is killed."""

import os
import signal
import subprocess
import sys
import unittest
from unittest import mock

from conversation_genome.errors import NotFoundError, VectorStoreError
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.vector_store.base import Health, Level, SearchFilter, VectorModel
from conversation_genome.vector_store.conditions import FieldIs, FieldName
from conversation_genome.vector_store.exact import ExactVectorStore
from conversation_genome.vector_store.opening import open_stores, shown
from conversation_genome.vector_store.postgres import vectors
from conversation_genome.vector_store.postgres.database import Database
from conversation_genome.vector_store.postgres.store import PostgresVectorStore
from tests_ap.postgres import drop_database, new_database
from tests_ap.unit.vector_store.contract import VectorStoreContract
from tests_ap.unit.vector_store.contract_records import MODEL, record, vector_of

WORDS = ("bread", "tea", "jazz", "guitar", "lesson", "butter", "zither", "salt")
_WRITER = """
import sys
from conversation_genome.vector_store.postgres.database import Database
from conversation_genome.vector_store.postgres.store import PostgresVectorStore
from tests_ap.unit.vector_store.contract_records import MODEL, record
store = PostgresVectorStore(Database(sys.argv[1]), MODEL)
for number in range(10_000):
    name = f"{sys.argv[2]}{number}"
    store.replace(name, [record(name, f"bread {number}", part=str(part)) for part in range(3)])
    print(number, flush=True)
"""


def talks(count):
    return [
        record(
            f"c{n}", " ".join(WORDS[n * step % 8] for step in range(1, 2 + n % 5)), source=("chat", "podcast")[n % 2]
        )
        for n in range(count)
    ]


class PostgresStoreCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.url = new_database()
        cls.addClassCleanup(drop_database, cls.url)
        cls.database = Database(cls.url)
        cls.addClassCleanup(cls.database.close)

    def setUp(self):
        self.database.run(_emptied)
        self.store = PostgresVectorStore(self.database, MODEL)


async def _emptied(connection):
    for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'cgp_vector%'"):
        await connection.execute(f"DROP TABLE {row['tablename']}")


class PostgresVectorStoreTest(VectorStoreContract, PostgresStoreCase):
    def test_words_score_as_the_exact_store_scores_them(self):
        exact, records = ExactVectorStore(), talks(60)
        for store in (self.store, exact):
            store.upsert(records)
            store.upsert([record("c3", "salt salt bread"), *records[10:12]])
            store.delete("c5")
        for query in ("zither", "bread tea salt", "jazz guitar lesson butter"):
            ours, theirs = (store.search(None, query, limit=60) for store in (self.store, exact))
            self.assertEqual([m.record.id for m in ours], [m.record.id for m in theirs], query)
            for our, their in zip(ours, theirs, strict=True):
                self.assertAlmostEqual(our.word_score, their.word_score, places=9)

    def test_common_words_alone_find_the_best_of_all_that_have_them(self):
        records = talks(60)
        self.store.upsert(records)
        whole = self.store.search(None, "bread tea zither", limit=60)
        with mock.patch("conversation_genome.vector_store.postgres.words.CANDIDATES", 1):
            self.assertEqual(self.store.search(None, "bread tea zither", limit=60), whole)

    def test_each_model_has_its_tables_and_the_main_one_comes_first(self):
        other = VectorModel("another", "1", 64)
        stores = open_stores(self.url, main=MODEL)
        self.addCleanup(stores.close)
        self.assertEqual(stores.every(), [])
        stores.of(other).upsert([record("c2", model=other)])
        stores.of(MODEL).upsert([record("c1")])
        self.assertEqual([store.model for store in stores.every()], [MODEL, other])
        self.assertEqual([store.count() for store in stores.every()], [1, 1])

    def test_a_database_without_a_store_is_refused_where_one_must_be(self):
        with self.assertRaisesRegex(NotFoundError, "holds no vector store"):
            open_stores(self.url, main=MODEL, must_exist=True)

    def test_a_database_that_does_not_answer_is_one_sentence_without_its_password(self):
        url = "postgresql://someone:hunter2@127.0.0.1:1/nothing"
        with self.assertRaisesRegex(VectorStoreError, "127.0.0.1/nothing") as caught:
            open_stores(url, main=MODEL).every()
        self.assertNotIn("hunter2", str(caught.exception) + shown(url))


class IndexedPostgresStoreTest(PostgresStoreCase):
    """With indices as soon as there are fifty records."""

    def setUp(self):
        super().setUp()
        patch = mock.patch.object(vectors, "ROWS_WORTH_AN_INDEX", 50)
        patch.start()
        self.addCleanup(patch.stop)
        self.exact, self.records = ExactVectorStore(), talks(300)
        for store in (self.store, self.exact):
            store.upsert(self.records)
        self.assertEqual(self.store.verify(), Health(records=300, recall=None, filtered_recall=None))
        self.store.refresh()

    def assert_finds_the_same(self, filters=None):
        for query in ("fresh bread", "jazz guitar", "zither"):
            ours, theirs = (
                store.search(vector_of(query), query, filters=filters, limit=20) for store in (self.store, self.exact)
            )
            self.assertEqual([round(m.similarity, 5) for m in ours], [round(m.similarity, 5) for m in theirs], query)

    def test_the_graph_finds_what_looking_at_all_finds(self):
        self.assert_finds_the_same()
        self.assert_finds_the_same(SearchFilter(sources=frozenset({"chat"}), levels=frozenset({Level.WINDOW})))
        self.assert_finds_the_same(SearchFilter(where=FieldIs(FieldName.SOURCE, "podcast")))

    def test_what_is_written_and_deleted_after_the_index_is_seen(self):
        for store in (self.store, self.exact):
            store.upsert([record("new", "fresh bread zither")])
            store.delete("c7")
        self.assert_finds_the_same()

    def test_more_than_the_graph_keeps_in_sight_may_be_asked_for(self):
        self.assertEqual(len(self.store.search(vector_of("bread"), limit=1_500)), 300)

    def test_its_recall_is_measured(self):
        health = self.store.verify()
        self.assertEqual(health.records, 300)
        self.assertGreaterEqual(min(health.recall, health.filtered_recall), 0.95)

    def test_an_index_whose_builder_was_killed_is_built_again(self):
        name = self.store._tables.graph(Level.WINDOW)
        self.database.run(
            lambda c: c.execute(f"UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{name}'::regclass")
        )
        self.assert_finds_the_same()
        self.store.refresh()
        self.assertIsNotNone(self.store.verify().recall)


class KilledWriterTest(PostgresStoreCase):
    def test_two_writers_of_which_one_is_killed_lose_nothing_they_had_acknowledged(self):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", _WRITER, self.url, name], cwd=PROJECT_ROOT, stdout=subprocess.PIPE, text=True
            )
            for name in ("a", "b")
        ]
        for _ in range(8):
            for writer in writers:
                writer.stdout.readline()
        for writer in writers:
            os.kill(writer.pid, signal.SIGKILL)
        acknowledged = 16 + sum(len(writer.communicate()[0].split()) for writer in writers)
        self.assertGreaterEqual(self.store.count(), 3 * acknowledged)
        self.assertEqual(self.store.count() % 3, 0)
        self.assertEqual(len(self.store.search(None, "bread", limit=10_000)), self.store.count())

"""LanceDB in a bucket keeps the contract, over the real protocol of an object store."""

import logging
import os
import unittest
from unittest import mock

from conversation_genome.errors import NotFoundError, VectorStoreError
from conversation_genome.vector_store import lance
from conversation_genome.vector_store.lance import LanceVectorStore
from conversation_genome.vector_store.opening import open_stores
from tests_ap.object_store import ObjectStore
from tests_ap.unit.vector_store.contract import VectorStoreContract
from tests_ap.unit.vector_store.contract_records import MODEL, record, vector_of


class BucketStoreTest(VectorStoreContract, unittest.TestCase):
    # An example of these is dozens of requests, and what they try is the same code as in a folder.
    test_any_tree_of_conditions_passes_what_holds_says = None
    test_the_count_is_that_of_distinct_ids_whatever_is_upserted = None

    @classmethod
    def setUpClass(cls):
        logging.getLogger("werkzeug").setLevel(logging.ERROR)
        cls.server = ObjectStore()
        cls.addClassCleanup(cls.server.close)
        patch = mock.patch.dict(os.environ, cls.server.variables)
        patch.start()
        cls.addClassCleanup(patch.stop)
        cls.number = 0

    def setUp(self):
        type(self).number += 1
        self.place = f"s3://{self.server.bucket}/store-{self.number}"
        self.store = LanceVectorStore(self.place)

    def test_the_place_alone_opens_the_store_again(self):
        with self.assertRaisesRegex(NotFoundError, f"'{self.place}' holds no vector store"):
            open_stores(self.place, main=MODEL, must_exist=True)
        self.store.upsert([record("c1")])
        stores = open_stores(self.place, main=MODEL, must_exist=True)
        self.assertEqual([len(store.search(vector_of("bread"), "bread")) for store in stores.every()], [1])

    def test_an_index_of_the_vectors_is_built_where_it_pays_and_finds_the_same(self):
        records = [record(f"c{n}", f"bread {n} tea {n * 7 % 100}") for n in range(300)]
        self.store.upsert(records)
        before = self.store.search(vector_of("bread 5 tea 35"), limit=10)
        with mock.patch.object(lance, "ROWS_WORTH_A_GRAPH", 300):
            self.store.refresh()
        self.assertGreaterEqual(self.store.verify().recall, 0.95)
        self.store.upsert([record("new", "bread 5 tea 35 now")])
        after = self.store.search(vector_of("bread 5 tea 35"), limit=11)
        self.assertIn("new", [match.record.conversation_id for match in after])
        self.assertLessEqual({match.record.id for match in before[:5]}, {match.record.id for match in after})

    def test_a_bucket_that_is_not_there_is_one_sentence(self):
        with self.assertRaisesRegex(VectorStoreError, "s3://nobodys/store' cannot be used") as caught:
            LanceVectorStore("s3://nobodys/store").upsert([record("c1")])
        self.assertNotIn("not-a-secret", str(caught.exception))

"""One store a model: vectors of different models never meet, and a conversation is in one store alone."""

import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np

from conversation_genome.errors import NotFoundError, VectorModelError
from conversation_genome.vector_store.base import VectorModel
from conversation_genome.vector_store.by_model import ExactVectorStores, LanceVectorStores, replace, table_name
from tests_ap.unit.vector_store.contract import MODEL, record

OTHER = VectorModel("other/model v2", "1", 3)
NORTH = np.array([0, 0, 1], dtype=np.float32)


class StoresByModel:
    """What both promise."""

    def test_each_model_has_a_store_of_its_own(self):
        self.stores.of(MODEL).upsert([record("c1")])
        self.stores.of(OTHER).upsert([record("c2", vector=NORTH, model=OTHER)])
        self.assertEqual([store.model for store in self.stores.every()], [MODEL, OTHER])
        self.assertEqual([store.count() for store in self.stores.every()], [1, 1])

    def test_a_vector_of_another_model_is_refused(self):
        self.stores.of(MODEL).upsert([record("c1")])
        with self.assertRaises(VectorModelError):
            self.stores.of(MODEL).upsert([record("c2", vector=NORTH, model=OTHER)])

    def test_a_store_without_records_is_none(self):
        self.stores.of(OTHER)
        self.assertEqual(self.stores.every(), [])

    def test_a_conversation_that_is_read_by_another_model_leaves_its_old_store(self):
        replace(self.stores, "c1", [record("c1"), record("c1", part="2-8-17")])
        replace(self.stores, "c1", [record("c1", vector=NORTH, model=OTHER)])
        self.assertEqual((self.stores.of(MODEL).count(), self.stores.of(OTHER).count()), (0, 1))
        replace(self.stores, "c1", [])
        self.assertEqual(self.stores.of(OTHER).count(), 0)


class ExactStoresByModelTest(StoresByModel, unittest.TestCase):
    def setUp(self):
        self.stores = ExactVectorStores()


class LanceStoresByModelTest(StoresByModel, unittest.TestCase):
    def setUp(self):
        self.path = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path)
        self.stores = LanceVectorStores(self.path, main=MODEL)

    def test_what_another_process_made_is_seen(self):
        other = LanceVectorStores(self.path, main=MODEL)
        other.of(OTHER).upsert([record("c2", vector=NORTH, model=OTHER)])
        self.assertEqual([store.model for store in self.stores.every()], [OTHER])
        other.of(MODEL).upsert([record("c1")])
        self.assertEqual([store.model for store in self.stores.every()], [MODEL, OTHER])

    def test_the_main_models_table_is_the_one_that_every_folder_has_had(self):
        self.stores.of(MODEL).upsert([record("c1")])
        self.stores.of(OTHER).upsert([record("c2", vector=NORTH, model=OTHER)])
        self.assertEqual(
            {"vectors.lance", f"{table_name(OTHER)}.lance"}, {folder.name for folder in self.path.iterdir()}
        )

    def test_tables_are_told_apart_by_name_revision_and_dimensions(self):
        alike = [
            OTHER,
            OTHER._replace(revision="2"),
            OTHER._replace(name="other-model-v2"),
            OTHER._replace(dimensions=4),
        ]
        names = {table_name(model) for model in alike}
        self.assertEqual(len(names), 4)
        self.assertTrue(all(name.startswith("vectors_other_model_v2_") for name in names))

    def test_a_folder_without_a_store_is_refused_where_one_must_be(self):
        with self.assertRaisesRegex(NotFoundError, "holds no vector store"):
            LanceVectorStores(self.path, main=MODEL, must_exist=True)

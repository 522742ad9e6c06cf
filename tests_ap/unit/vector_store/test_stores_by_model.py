"""One store a model: vectors of different models never meet, and a conversation is in one store alone."""

import shutil
import tempfile
import unittest
from pathlib import Path

import numpy as np

from conversation_genome.errors import NotFoundError, VectorModelError
from conversation_genome.settings import ServerSettings
from conversation_genome.vector_store.base import Level, VectorModel
from conversation_genome.vector_store.by_model import (
    ExactVectorStores,
    LanceVectorStores,
    keep_only,
    replace,
    table_name,
)
from conversation_genome.vector_store.opening import is_folder, shown
from tests_ap.unit.vector_store.contract_records import MODEL, record

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


class PlaceTest(unittest.TestCase):
    def test_a_place_says_what_it_is(self):
        self.assertTrue(is_folder("vectors") and is_folder(Path("vectors")))
        for place in ("s3://bucket/path", "postgresql://host/name", "postgresql+asyncpg://host/name"):
            self.assertFalse(is_folder(place), place)

    def test_a_place_is_told_without_user_and_password(self):
        self.assertEqual(shown("postgresql://cgp:secret@db:5432/cgp"), "postgresql://db/cgp")
        self.assertEqual(shown("s3://bucket/path"), "s3://bucket/path")

    def test_the_address_takes_the_place_of_the_folder_and_is_masked(self):
        settings = ServerSettings(server_vector_store_url="postgresql://cgp:secret@db/cgp")
        self.assertEqual(settings.vector_store_place, "postgresql://cgp:secret@db/cgp")
        self.assertNotIn("secret", repr(settings))
        self.assertEqual(ServerSettings().vector_store_place, Path("conversation-server/vectors"))

    def test_an_address_of_another_kind_is_refused(self):
        with self.assertRaisesRegex(ValueError, "CGP_SERVER_VECTOR_STORE_PATH"):
            ServerSettings(server_vector_store_url="mysql://db/cgp")

    def test_only_what_is_wanted_is_kept(self):
        stores = ExactVectorStores()
        for name in ("c1", "c2"):
            stores.of(MODEL).upsert([record(name, level=Level.CONVERSATION, part=""), record(name)])
        keep_only(stores, {"c2"})
        self.assertEqual([outline.conversation_id for outline in stores.of(MODEL).outlines()], ["c2"])
        self.assertEqual(stores.of(MODEL).count(), 2)

"""The search store is loaded shard by shard, each once, and follows the input."""

import tempfile
import unittest
from pathlib import Path
from unittest import mock

from conversation_genome.bulk import store as loading
from conversation_genome.bulk.place import Place
from conversation_genome.bulk.shard import Receipt, ShardWriter, keys_of, receipt_of, records_of
from conversation_genome.bulk.store import StoreLoader
from conversation_genome.search.indexing import vector_records
from conversation_genome.vector_store.base import SearchFilter
from conversation_genome.vector_store.by_model import ExactVectorStores
from tests_ap.unit.publishing.records import LetterEmbedder, record


class ShardCase(unittest.TestCase):
    def setUp(self) -> None:
        self.place = Place(self.enterContext(tempfile.TemporaryDirectory()))
        self.stores = ExactVectorStores()
        self.loader = StoreLoader(self.stores, self.place)

    def shard(self, name: str, *ids: str) -> Receipt:
        with tempfile.TemporaryDirectory() as scratch, ShardWriter(self.place, name, Path(scratch)) as writer:
            for id_ in ids:
                merged = record(id_)
                writer.add(merged, merged.conversation.content_hash, vector_records(merged, LetterEmbedder()))
            counts = dict.fromkeys(("lines_spoken", "lines", "duplicates", "refused", "faults_total"), 0)
            receipt = Receipt(
                name=name, conversations=len(ids), faults=(), models=writer.models, cpu_seconds=0, **counts
            )
            writer.put(receipt)
        return receipt

    @property
    def found(self) -> list[str]:
        (only,) = self.stores.every()
        return [one for one in "abcdefgh" if only.count(SearchFilter(conversation_ids=frozenset([one])))]

    def load(self, receipt: Receipt, *left_out: str) -> bool:
        return self.loader.load(receipt, keys_of(self.place, receipt.name)[0], frozenset(left_out))


class TestShards(ShardCase):
    def test_what_is_put_into_a_shard_comes_out_of_it(self) -> None:
        receipt = self.shard("one", "a", "b")
        self.assertEqual(list(records_of(self.place, "one")), [record("a"), record("b")])
        self.assertEqual(keys_of(self.place, "one")[0], ["a", "b"])
        self.assertEqual(receipt_of(self.place, "one"), receipt)

    def test_a_shard_without_a_receipt_or_with_another_versions_is_none(self) -> None:
        self.assertIsNone(receipt_of(self.place, "one"))
        self.place.write("one.json", b'{"of": "another version"}')
        self.assertIsNone(receipt_of(self.place, "one"))


class TestLoading(ShardCase):
    def test_a_shard_is_written_once(self) -> None:
        receipt = self.shard("one", "a", "b")
        self.assertTrue(self.load(receipt))
        before = self.loader.count()
        self.assertFalse(self.load(receipt))
        self.assertEqual((self.found, self.loader.count()), (["a", "b"], before))

    def test_a_shard_whose_loading_was_killed_is_written_again_over_itself(self) -> None:
        receipt = self.shard("one", "a", "b")
        self.load(receipt)
        before = self.loader.count()
        self.place.remove("one.loaded")
        self.assertTrue(self.load(receipt))
        self.assertEqual(self.loader.count(), before)

    def test_large_shards_go_in_whole_conversations_at_a_time(self) -> None:
        receipt = self.shard("one", *"abcdefgh")
        with mock.patch.object(loading, "WRITE_RECORDS", 5):
            self.load(receipt)
            before = self.loader.count()
            self.place.remove("one.loaded")
            self.load(receipt)
        self.assertEqual((self.found, self.loader.count()), (list("abcdefgh"), before))

    def test_what_is_left_out_is_not_loaded_and_comes_in_when_it_is_wanted_again(self) -> None:
        receipt = self.shard("one", "a", "b")
        self.load(receipt, "b")
        self.assertEqual(self.found, ["a"])
        self.load(receipt)
        self.assertEqual(self.found, ["a", "b"])

    def test_a_shard_that_is_in_another_store_is_written_to_this_one(self) -> None:
        receipt = self.shard("one", "a")
        self.load(receipt)
        self.stores = ExactVectorStores()
        self.loader = StoreLoader(self.stores, self.place, name="s3://another/store")
        self.assertTrue(self.load(receipt))
        self.assertEqual(self.found, ["a"])

    def test_what_a_shard_put_in_can_be_taken_out(self) -> None:
        self.load(self.shard("one", "a", "b"))
        self.loader.forget("one", ["a"])
        self.assertEqual(self.found, ["b"])

    def test_a_shard_that_was_never_loaded_takes_nothing_out(self) -> None:
        self.load(self.shard("one", "a"))
        self.shard("two", "a")
        self.loader.forget("two", ["a"])
        self.assertEqual(self.found, ["a"])


if __name__ == "__main__":
    unittest.main()

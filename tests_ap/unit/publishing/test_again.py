"""A second publication: what is unchanged is kept, what is gone is gone, an interrupted one is taken up."""

import random

import pyarrow.parquet as pq

from conversation_genome.publishing import write_dataset
from conversation_genome.publishing.folder import interrupted_folder
from conversation_genome.publishing.manifest import read_manifest
from tests_ap.unit.publishing.records import LetterEmbedder, record
from tests_ap.unit.publishing.test_dataset import DatasetCase

SHARD_BYTES = 20_000
"""Some twelve of the made-up records."""


class CountingEmbedder(LetterEmbedder):
    """Counts the texts that it embeds."""

    def __init__(self) -> None:
        self.texts = 0

    def embed(self, texts):
        self.texts += len(texts)
        return super().embed(texts)


class AgainCase(DatasetCase):
    def write(self, ids, **options):
        return write_dataset(
            (record(id_) for id_ in ids),
            self.folder,
            **{"embedder": LetterEmbedder(), "shard_bytes": SHARD_BYTES} | options,
        )

    def ids(self) -> set[str]:
        return set(self.table("conversations").column("id").to_pylist())


class TestAgain(AgainCase):
    NAMES = tuple(f"talk {number}" for number in range(200))

    def test_files_are_equal_whatever_the_order_and_whatever_was_there_before(self) -> None:
        self.write(self.NAMES)
        digests = self.digests()
        self.write([*self.NAMES, "one more"])
        self.write(random.Random(5).sample(self.NAMES, len(self.NAMES)))
        self.assertEqual(self.digests(), digests)

    def test_one_more_conversation_rewrites_one_shard(self) -> None:
        first = self.write(self.NAMES)
        second = self.write([*self.NAMES, "one more"])
        self.assertGreater(first.shards, 8)
        self.assertEqual(second.shards - second.shards_kept, 1)

    def test_kept_shards_are_not_embedded_again(self) -> None:
        self.write(self.NAMES)
        embedder = CountingEmbedder()
        self.write([*self.NAMES, "one more"], embedder=embedder)
        self.assertEqual(embedder.texts, 0)

    def test_of_a_shard_that_changes_only_the_new_tags_are_embedded(self) -> None:
        self.write(self.NAMES)
        embedder, newcomer = CountingEmbedder(), record("newcomer")
        tag = newcomer.tags[0].model_copy(update={"text": "watering cans"})
        talks = [*map(record, self.NAMES), newcomer.model_copy(update={"tags": (tag,)})]
        write_dataset(talks, self.folder, embedder=embedder, shard_bytes=SHARD_BYTES)
        self.assertEqual(embedder.texts, 1)
        digests = self.digests()
        self.folder = self.folder.with_name("other")
        write_dataset(talks, self.folder, embedder=LetterEmbedder(), shard_bytes=SHARD_BYTES)
        self.assertEqual(self.digests(), digests)

    def test_a_deleted_conversation_is_in_no_file(self) -> None:
        self.write([*self.NAMES, "secret talk"])
        self.write(self.NAMES)
        self.assertEqual(self.ids(), set(self.NAMES))
        for file in self.folder.rglob("*.parquet"):
            self.assertNotIn("secret talk", str(pq.read_table(file).to_pylist()), file)

    def test_a_shard_that_was_harmed_is_written_again(self) -> None:
        self.write(self.NAMES)
        digests = self.digests()
        harmed = next((self.folder / "windows").glob("*.parquet"))
        harmed.write_bytes(harmed.read_bytes()[:-1] + b"?")
        self.write(self.NAMES)
        self.assertEqual(self.digests(), digests)

    def test_a_change_of_form_rewrites_every_shard_of_it(self) -> None:
        self.write(self.NAMES)
        self.assertEqual(self.write(self.NAMES, has_original_columns=True).shards_kept, 0)

    def test_manifest_names_every_file_with_its_rows(self) -> None:
        self.write(self.NAMES)
        manifest = read_manifest(self.folder)
        assert manifest is not None
        files = {file.path: file.rows for file in manifest.files}
        found = {
            path.relative_to(self.folder).as_posix(): pq.ParquetFile(path).metadata.num_rows
            for path in self.folder.rglob("*.parquet")
        }
        self.assertEqual(files, found)


class TestInterrupted(AgainCase):
    NAMES = tuple(f"talk {number}" for number in range(200))

    def test_shards_that_were_whole_when_the_writer_was_stopped_are_taken_over(self) -> None:
        whole = self.write(self.NAMES)
        digests = self.digests()
        self.folder = self.folder.with_name("other")

        class Stopped(LetterEmbedder):
            def embed(self, texts):
                raise KeyboardInterrupt

        with self.assertRaises(KeyboardInterrupt):
            self.write(self.NAMES, embedder=Stopped())
        again = self.write(self.NAMES)
        self.assertEqual((again.shards_kept, self.digests()), (whole.shards - 1, digests))
        self.assertFalse(interrupted_folder(self.folder).exists())

    def test_a_fault_among_the_records_leaves_the_dataset_as_it_was(self) -> None:
        self.write(self.NAMES[:3])
        digests = self.digests()

        def broken():
            yield record("new")
            raise RuntimeError

        with self.assertRaises(RuntimeError):
            write_dataset(broken(), self.folder)
        self.assertEqual(self.digests(), digests)


class TestOriginalColumns(AgainCase):
    def test_conversations_have_c_guid_and_speakers_by_name(self) -> None:
        self.write(["talk-1"], has_original_columns=True)
        row = self.table("conversations").to_pylist()[0]
        self.assertEqual((row["c_guid"], row["participants"]), ("talk-1", ["Ana", "Bo"]))
        self.assertEqual(row["transcript"][1], {"speaker": "Bo", "text": "How many?"})

    def test_card_tells_of_c_guid(self) -> None:
        self.write(["talk-1"], has_original_columns=True)
        self.assertIn("| `c_guid` | string |", (self.folder / "README.md").read_text())


class TestProvenance(AgainCase):
    def test_every_row_of_a_record_has_one_revision(self) -> None:
        self.write(["talk-1"])
        tables = ("conversations", "windows", "conversation_tags", "profiles")
        found = {value for name in tables for value in self.table(name).column("record_revision").to_pylist()}
        self.assertEqual(len(found), 1)

    def test_a_tag_of_the_conversation_names_the_windows_that_hold_it(self) -> None:
        self.write(["talk-1"])
        rows = {(row["text"], row["window_id"]): row for row in self.table("conversation_tags").to_pylist()}
        self.assertEqual(rows["balcony tomatoes", None]["windows"], ["0-0-2"])
        self.assertEqual(rows["gardening", None]["windows"], [])
        self.assertEqual((rows["gardening", None]["miners"], rows["gardening", None]["validators"]), (3, 2))

"""What a published dataset holds, and when it is not published at all."""

import hashlib
import tempfile
import unittest
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.errors import InputError
from conversation_genome.publishing import write_dataset
from tests_ap.unit.publishing.records import LetterEmbedder, record


class DatasetCase(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name) / "dataset"

    def table(self, name: str) -> pa.Table:
        return pa.concat_tables([pq.read_table(file) for file in sorted((self.folder / name).glob("*.parquet"))])

    def digests(self) -> dict[str, str]:
        return {
            str(file.relative_to(self.folder)): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(self.folder.rglob("*"))
            if file.is_file()
        }


class TestWrittenDataset(DatasetCase):
    def test_a_conversation_comes_back_as_it_was_merged(self) -> None:
        write_dataset([record()], self.folder)
        row = self.table("conversations").to_pylist()[0]
        self.assertEqual(
            row["transcript"],
            [
                {"speaker": 0, "name": "Ana", "text": "I grow tomatoes on my balcony", "at": None},
                {"speaker": 1, "name": "Bo", "text": "How many?", "at": 2.5},
            ],
        )
        self.assertEqual(
            (row["id"], row["tags"], row["boring_index"]), ("talk-1", ["balcony tomatoes", "gardening"], 0.25)
        )

    def test_vectors_are_lists_of_a_fixed_size(self) -> None:
        write_dataset([record()], self.folder, embedder=LetterEmbedder())
        self.assertEqual(self.table("conversations").schema.field("embedding").type, pa.list_(pa.float32(), 4))
        self.assertEqual(self.table("tags").schema.field("vector").type, pa.list_(pa.float32(), 4))

    def test_a_tag_stands_once_however_many_hold_it(self) -> None:
        publication = write_dataset([record("a"), record("b")], self.folder)
        self.assertEqual(self.table("tags").column("text").to_pylist(), ["balcony tomatoes", "gardening"])
        self.assertEqual(publication.rows["conversation_tags"], 6)

    def test_every_tag_of_a_conversation_leads_to_its_row(self) -> None:
        write_dataset([record("a"), record("b")], self.folder)
        known = set(self.table("tags").column("tag_id").to_pylist())
        self.assertEqual(set(self.table("conversation_tags").column("tag_id").to_pylist()), known)

    def test_tags_carry_the_vector_that_the_embedder_gives_their_text(self) -> None:
        write_dataset([record()], self.folder, embedder=LetterEmbedder())
        row = self.table("tags").to_pylist()[1]
        self.assertEqual(row["vector"], LetterEmbedder().embed(["gardening"])[0].tolist())

    def test_facts_carry_the_lines_they_rest_on(self) -> None:
        write_dataset([record()], self.folder)
        self.assertEqual(
            self.table("profiles").to_pylist(),
            [
                {
                    "conversation_id": "talk-1",
                    "participant": "Ana",
                    "kind": "interest",
                    "text": "growing tomatoes",
                    "evidence": [0],
                    "confidence": 0.5,
                }
            ],
        )

    def test_equal_records_give_equal_bytes(self) -> None:
        first = write_dataset([record("a"), record("b")], self.folder, embedder=LetterEmbedder())
        digests = self.digests()
        second = write_dataset([record("a"), record("b")], self.folder, embedder=LetterEmbedder())
        self.assertEqual((digests, first), (self.digests(), second))

    def test_a_changed_record_changes_the_revision(self) -> None:
        first = write_dataset([record("a")], self.folder)
        self.assertNotEqual(first.revision, write_dataset([record("b")], self.folder).revision)

    def test_more_rows_than_a_batch_all_arrive_in_order(self) -> None:
        write_dataset((record(f"talk-{number:04d}") for number in range(600)), self.folder)
        self.assertEqual(
            self.table("conversations").column("id").to_pylist(), [f"talk-{number:04d}" for number in range(600)]
        )

    def test_no_records_give_a_dataset_with_empty_tables(self) -> None:
        publication = write_dataset([], self.folder)
        self.assertEqual(publication.conversations, 0)
        self.assertEqual(self.table("conversations").num_rows, 0)

    def test_a_table_without_rows_has_no_empty_row_group_for_readers_to_stumble_over(self) -> None:
        write_dataset([], self.folder)
        self.assertEqual(pq.ParquetFile(self.folder / "profiles" / "part-00000.parquet").num_row_groups, 0)


class TestLicencesInTheDataset(DatasetCase):
    def test_a_conversation_without_a_licence_is_left_out_and_counted(self) -> None:
        publication = write_dataset([record("a"), record("b", license_=None)], self.folder)
        self.assertEqual(self.table("conversations").column("id").to_pylist(), ["a"])
        self.assertEqual(publication.left_out, {"no licence stated": 1})
        self.assertIn(
            "1 conversation of this server is **not** in this dataset", (self.folder / "README.md").read_text()
        )

    def test_nothing_of_a_conversation_that_is_left_out_is_in_any_file(self) -> None:
        write_dataset([record("secret-talk", license_="all rights reserved")], self.folder)
        for name in ("windows", "tags", "conversation_tags", "profiles"):
            self.assertEqual(self.table(name).num_rows, 0, name)


class TestCard(DatasetCase):
    def test_front_matter_names_every_table_so_that_load_dataset_finds_it(self) -> None:
        write_dataset([record()], self.folder)
        front = yaml.safe_load((self.folder / "README.md").read_text().split("---")[1])
        self.assertEqual(
            [(config["config_name"], config["data_files"][0]["path"]) for config in front["configs"]],
            [
                (name, f"{name}/*.parquet")
                for name in ("conversations", "windows", "tags", "conversation_tags", "profiles")
            ],
        )
        self.assertEqual((front["license"], front["language"], front["size_categories"]), ("mit", ["en"], ["n<1K"]))

    def test_card_states_the_model_its_revision_and_its_dimension(self) -> None:
        write_dataset([record()], self.folder)
        self.assertIn("Made by `letters`, revision `1`, 4 dimensions", (self.folder / "README.md").read_text())

    def test_a_licence_with_markup_cannot_write_the_card(self) -> None:
        write_dataset([record(license_="proprietary | x |\n# Heading `code`")], self.folder)
        self.assertIn("| `proprietary / x / # Heading 'code'` | 1 |", (self.folder / "README.md").read_text())


class TestRefusedRecords(DatasetCase):
    def test_vectors_of_two_models_never_meet_in_one_dataset(self) -> None:
        other = EmbeddingModel(name="syllables", revision="2", dimensions=4)
        with self.assertRaisesRegex(InputError, "'b' has vectors of syllables"):
            write_dataset([record("a"), record("b", model=other)], self.folder)

    def test_an_embedder_of_another_model_is_refused(self) -> None:
        other = EmbeddingModel(name="letters", revision="2", dimensions=4)
        with self.assertRaisesRegex(InputError, "publish one model at a time"):
            write_dataset([record("a", model=other)], self.folder, embedder=LetterEmbedder())

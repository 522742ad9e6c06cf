"""What a published dataset holds, and when it is not published at all."""

import hashlib
import re
import tempfile
import unittest
from pathlib import Path
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from conversation_genome.annotation import Aspect
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.embedding.by_language import ByLanguage, Specialist
from conversation_genome.embedding.cache import CachedEmbedder
from conversation_genome.errors import InputError
from conversation_genome.publishing import Publication, masked_record, write_dataset
from conversation_genome.publishing.publication import LeftOut
from conversation_genome.record import ConsensusTag
from tests_ap.unit.publishing.records import LetterEmbedder, SyllableEmbedder, record


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

    def test_the_hash_of_a_masked_talk_is_of_what_is_published_and_tells_nothing_of_what_was_masked(self) -> None:
        talk = record().conversation
        spoken = Conversation.from_record({**talk.to_record(), "lines": [[0, "Mail me: ana.lopez@example.com"]]})
        told = spoken.content_hash
        masked = masked_record(record().model_copy(update={"conversation": spoken}))
        write_dataset([masked], self.folder)
        row = self.table("conversations").to_pylist()[0]
        published = [[line["speaker"], line["text"]] for line in row["transcript"]]
        known = Conversation.from_record({"id": "x", "participants": row["participants"], "lines": published})
        self.assertEqual(published, [[0, "Mail me: [EMAIL_1]"]])
        self.assertEqual(row["content_hash"], known.content_hash)
        self.assertNotEqual(row["content_hash"], told)

    def test_vectors_are_lists_of_a_fixed_size(self) -> None:
        write_dataset([record()], self.folder, embedder=LetterEmbedder())
        self.assertEqual(self.table("conversations").schema.field("embedding").type, pa.list_(pa.float32(), 4))
        self.assertEqual(self.table("tags").schema.field("vector").type, pa.list_(pa.float32(), 4))

    def test_a_tag_stands_once_however_many_hold_it(self) -> None:
        publication = write_dataset([record("a"), record("b")], self.folder)
        self.assertEqual(sorted(self.table("tags").column("text").to_pylist()), ["balcony tomatoes", "gardening"])
        self.assertEqual(publication.rows["conversation_tags"], 6)

    def test_every_tag_of_a_conversation_leads_to_its_row(self) -> None:
        write_dataset([record("a"), record("b")], self.folder)
        known = set(self.table("tags").column("tag_id").to_pylist())
        self.assertEqual(set(self.table("conversation_tags").column("tag_id").to_pylist()), known)

    def test_tags_carry_the_vector_that_the_embedder_gives_their_text(self) -> None:
        write_dataset([record()], self.folder, embedder=LetterEmbedder())
        row = next(row for row in self.table("tags").to_pylist() if row["text"] == "gardening")
        self.assertEqual(row["vector"], LetterEmbedder().embed(["gardening"])[0].tolist())

    def test_facts_carry_the_lines_they_rest_on(self) -> None:
        write_dataset([record()], self.folder)
        self.assertEqual(
            [
                {name: row[name] for name in row if name != "record_revision"}
                for row in self.table("profiles").to_pylist()
            ],
            [
                {
                    "conversation_id": "talk-1",
                    "participant": "Ana",
                    "kind": "interest",
                    "text": "growing tomatoes",
                    "evidence": [0],
                    "windows": ["0-0-2"],
                    "confidence": 0.5,
                    "miners": 3,
                    "validators": 2,
                    "scoring_version": "1",
                }
            ],
        )

    def test_equal_records_give_equal_bytes(self) -> None:
        first = write_dataset([record("a"), record("b")], self.folder, embedder=LetterEmbedder())
        digests = self.digests()
        second = write_dataset([record("a"), record("b")], self.folder, embedder=LetterEmbedder())
        self.assertEqual((digests, first.revision), (self.digests(), second.revision))

    def test_a_changed_record_changes_the_revision(self) -> None:
        first = write_dataset([record("a")], self.folder)
        self.assertNotEqual(first.revision, write_dataset([record("b")], self.folder).revision)

    def test_more_rows_than_a_batch_all_arrive(self) -> None:
        write_dataset((record(f"talk-{number:04d}") for number in range(600)), self.folder)
        self.assertEqual(
            sorted(self.table("conversations").column("id").to_pylist()),
            [f"talk-{number:04d}" for number in range(600)],
        )

    def test_no_records_give_a_dataset_with_empty_tables(self) -> None:
        publication = write_dataset([], self.folder)
        self.assertEqual(publication.conversations, 0)
        self.assertEqual(self.table("conversations").num_rows, 0)

    def test_a_table_without_rows_has_no_empty_row_group_for_readers_to_stumble_over(self) -> None:
        write_dataset([], self.folder)
        self.assertEqual(pq.ParquetFile(self.folder / "profiles" / "empty.parquet").num_row_groups, 0)


class TestLicencesInTheDataset(DatasetCase):
    def test_a_conversation_without_a_licence_is_left_out_and_counted(self) -> None:
        publication = write_dataset([record("a"), record("b", license_=None)], self.folder)
        self.assertEqual(self.table("conversations").column("id").to_pylist(), ["a"])
        self.assertEqual(
            publication.left_out, (LeftOut(source="tests", statement="no licence stated", conversations=1),)
        )
        self.assertIn(
            "1 conversation of this server is **not** in this dataset", (self.folder / "README.md").read_text()
        )

    def test_card_and_report_name_the_largest_sources_and_count_the_others(self) -> None:
        talks = [record(f"talk {number}") for number in range(105)]
        for number, talk in enumerate(talks):
            of_its_own = {"source": f"file {number:03}", "license": "MIT" if number < 103 else None}
            talks[number] = talk.model_copy(update={"conversation": talk.conversation.model_copy(update=of_its_own)})
        publication = write_dataset([*talks, record("other")], self.folder)
        self.assertEqual(len(publication.sources), 104)
        for page in ("README.md", "report.html"):
            text = (self.folder / page).read_text()
            self.assertEqual(len(set(re.findall(r"file 0\d\d|file 10[0-2]", text))), 100, page)
            self.assertIn("4 further sources", text)
            self.assertEqual(len(set(re.findall(r"file 10[34]", text))), 2, page)

    def test_nothing_of_a_conversation_that_is_left_out_is_in_any_file(self) -> None:
        write_dataset([record("secret-talk", license_="all rights reserved")], self.folder)
        for name in ("windows", "tags", "conversation_tags", "profiles"):
            self.assertEqual(self.table(name).num_rows, 0, name)


class TestCard(DatasetCase):
    def test_front_matter_names_every_table_so_that_load_dataset_finds_it(self) -> None:
        write_dataset([record()], self.folder)
        front = yaml.safe_load((self.folder / "README.md").read_text().split("---")[1])
        self.assertEqual(
            [(config["config_name"], config["data_files"]) for config in front["configs"]],
            [
                (name, [{"split": "train", "path": f"{name}/{'*' if name == 'tags' else 'train-*'}.parquet"}])
                for name in ("conversations", "windows", "tags", "conversation_tags", "profiles")
            ],
        )
        self.assertEqual((front["license"], front["language"], front["size_categories"]), ("mit", ["en"], ["n<1K"]))

    def test_card_states_the_model_its_revision_and_its_dimension(self) -> None:
        write_dataset([record()], self.folder)
        self.assertIn("Made by `letters`, revision `1`, 4 dimensions", (self.folder / "README.md").read_text())

    def test_a_licence_with_markup_cannot_write_the_card(self) -> None:
        write_dataset([record(license_="proprietary | x |\n# Heading `code`")], self.folder)
        self.assertIn("| `tests` | `proprietary / x / # Heading 'code'` | 1 |", (self.folder / "README.md").read_text())


class TestSeveralModels(DatasetCase):
    OTHER = EmbeddingModel(name="Syllables v2", revision="2" * 64, dimensions=3)
    TABLE = "vectors_syllables_v2_22222222"

    def written(self, *, has_embedder: bool = True, text: str = "balkon") -> Publication:
        other = record("b", model=self.OTHER)
        more = ConsensusTag(text=text, aspect=Aspect.TOPIC, weight=0.5, support=1)
        other = other.model_copy(update={"embedding": (1.0, 0.0, 0.0), "tags": (*other.tags, more)})
        embedder = ByLanguage(
            CachedEmbedder(LetterEmbedder()),
            [Specialist(self.OTHER, frozenset({"ja"}), lambda: CachedEmbedder(SyllableEmbedder(self.OTHER)))],
        )
        return write_dataset([other, record("a")], self.folder, embedder=embedder if has_embedder else None)

    def test_vectors_of_two_models_never_meet_in_one_table(self) -> None:
        publication = self.written()
        rows = {row["id"]: row for row in self.table("conversations").to_pylist()}
        self.assertEqual((rows["a"]["embedding_model"], len(rows["a"]["embedding"])), ("letters", 4))
        self.assertEqual((rows["b"]["embedding_model"], rows["b"]["embedding"]), ("Syllables v2", None))
        vectors = sorted(self.table(self.TABLE).to_pylist(), key=lambda row: row["kind"])
        self.assertEqual(
            vectors[0],
            {"kind": "conversation", "id": "b", "model": "Syllables v2", "revision": "2" * 64, "vector": [1, 0, 0]},
        )
        self.assertEqual((publication.other_models, publication.rows[self.TABLE]), ((self.OTHER,), len(vectors)))

    def test_a_tag_has_a_vector_of_each_model_that_read_it_and_one_row(self) -> None:
        self.written()
        tags = {row["text"]: row for row in self.table("tags").to_pylist()}
        self.assertEqual(sorted(tags), ["balcony tomatoes", "balkon", "gardening"])
        self.assertEqual((tags["balkon"]["model"], tags["balkon"]["vector"]), ("Syllables v2", None))
        self.assertEqual((tags["gardening"]["model"], len(tags["gardening"]["vector"])), ("letters", 4))
        read = [row["id"] for row in self.table(self.TABLE).to_pylist() if row["kind"] == "tag"]
        self.assertEqual(sorted(read), sorted(row["tag_id"] for row in tags.values()))

    def test_of_the_other_models_tags_too_only_the_new_are_embedded(self) -> None:
        self.written()
        with mock.patch.object(SyllableEmbedder, "embed", autospec=True, side_effect=SyllableEmbedder.embed) as embed:
            self.written(text="garten")
        self.assertEqual([call.args[1] for call in embed.call_args_list], [["garten"]])

    def test_vectors_of_the_other_model_are_lists_of_their_own_fixed_size(self) -> None:
        self.written()
        self.assertEqual(self.table(self.TABLE).schema.field("vector").type, pa.list_(pa.float32(), 3))

    def test_card_names_the_table_so_that_load_dataset_finds_it(self) -> None:
        self.written()
        text = (self.folder / "README.md").read_text()
        front = yaml.safe_load(text.split("---")[1])
        self.assertIn(self.TABLE, [config["config_name"] for config in front["configs"]])
        self.assertIn(f"table `{self.TABLE}`; join it by `id`", text)

    def test_without_an_embedder_the_model_of_most_records_is_the_main_one(self) -> None:
        publication = self.written(has_embedder=False)
        self.assertEqual(publication.embedding_model, self.OTHER)
        self.assertEqual([model.name for model in publication.other_models], ["letters"])


class TestRefusedRecords(DatasetCase):
    def test_an_embedder_without_the_records_model_is_refused(self) -> None:
        other = EmbeddingModel(name="letters", revision="2", dimensions=4)
        with self.assertRaisesRegex(InputError, "which is not at hand to embed its tags"):
            write_dataset([record("a", model=other)], self.folder, embedder=LetterEmbedder())

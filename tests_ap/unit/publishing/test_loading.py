"""What was published is loaded by the real `datasets`, offline, whichever tables are empty."""

import contextlib
import io
import os
import re
import tempfile
import unittest
from itertools import product
from pathlib import Path
from unittest import mock

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")

import datasets
import yaml

from conversation_genome.publishing import write_dataset
from tests_ap.unit.publishing.records import LetterEmbedder, record

CHANGES = {"windows": {"windows": ()}, "profiles": {"profiles": ()}, "tags": {"tags": ()}}


class TestLoading(unittest.TestCase):
    def setUp(self) -> None:
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.folder = Path(holder.name) / "dataset"
        self.cache = Path(holder.name) / "cache"

    def load(self, name: str) -> datasets.DatasetDict:
        return datasets.load_dataset(str(self.folder), name, cache_dir=str(self.cache / os.urandom(4).hex()))

    def offered(self) -> list[str]:
        front = yaml.safe_load((self.folder / "README.md").read_text().split("---")[1])
        return [config["config_name"] for config in front.get("configs") or []]

    def test_every_table_loads_with_its_vectors_as_lists_of_a_fixed_size(self) -> None:
        write_dataset((record(f"talk {number}") for number in range(3)), self.folder, embedder=LetterEmbedder())
        for name in ("conversations", "windows", "tags", "conversation_tags", "profiles"):
            self.assertGreater(self.load(name)["train"].num_rows, 0, name)
        self.assertEqual(
            self.load("tags")["train"].features["vector"], datasets.List(datasets.Value("float32"), length=4)
        )

    def test_the_code_on_the_card_runs_as_it_stands(self) -> None:
        write_dataset((_talk(number) for number in range(20)), self.folder, embedder=LetterEmbedder())
        blocks = re.findall(r"```python\n(.*?)```", (self.folder / "README.md").read_text(), re.DOTALL)
        self.assertEqual(len(blocks), 2)
        for block in blocks:
            told = io.StringIO()
            with mock.patch("datasets.config.HF_DATASETS_CACHE", self.cache), contextlib.redirect_stdout(told):
                exec(block.replace("path/to/this/folder", str(self.folder)), {})
        self.assertRegex(told.getvalue(), r"talk.* boring index 0\.25\n(.*\n)*.* is near \[")

    def test_every_split_that_has_rows_loads(self) -> None:
        publication = write_dataset((_talk(number) for number in range(120)), self.folder)
        loaded = self.load("conversations")
        self.assertEqual({name: rows.num_rows for name, rows in loaded.items()}, publication.splits["conversations"])
        self.assertEqual(set(loaded), {"train", "validation", "test"})

    def test_no_conversation_is_in_two_splits_and_its_rows_follow_it(self) -> None:
        write_dataset((_talk(number) for number in range(120)), self.folder)
        splits = {name: set(rows["id"]) for name, rows in self.load("conversations").items()}
        self.assertEqual(sum(map(len, splits.values())), 120)
        for name, rows in self.load("windows").items():
            self.assertLessEqual(set(rows["conversation_id"]), splits[name])

    def test_whatever_is_empty_all_that_is_offered_loads(self) -> None:
        for empty in product((False, True), repeat=len(CHANGES)):
            changes = {}
            for is_empty, change in zip(empty, CHANGES.values(), strict=True):
                changes |= change if is_empty else {}
            with self.subTest(empty=changes):
                publication = write_dataset([record().model_copy(update=changes)], self.folder)
                self.assertEqual(self.offered(), [name for name, rows in publication.rows.items() if rows])
                for name in self.offered():
                    self.assertEqual(self.load(name)["train"].num_rows, publication.rows[name], name)

    def test_a_dataset_without_a_conversation_offers_nothing(self) -> None:
        write_dataset([], self.folder)
        self.assertEqual(self.offered(), [])

    def test_the_first_datasets_columns_load_as_they_were(self) -> None:
        write_dataset([record()], self.folder, has_original_columns=True)
        row = self.load("conversations")["train"][0]
        self.assertEqual((row["c_guid"], row["transcript"][0]["speaker"]), ("talk-1", "Ana"))


def _talk(number: int):
    talk = record(f"talk {number}")
    lines = (
        talk.conversation.lines[0].model_copy(update={"text": f"I have {number} tomatoes"}),
        talk.conversation.lines[1],
    )
    return talk.model_copy(update={"conversation": talk.conversation.model_copy(update={"lines": lines})})


if __name__ == "__main__":
    unittest.main()

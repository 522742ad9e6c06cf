"""The card of a dataset that no miner was asked about claims no miners."""

import tempfile
import unittest
from pathlib import Path

from conversation_genome.publishing import write_dataset
from conversation_genome.record import UNSCORED
from tests_ap.unit.publishing.records import LetterEmbedder, record


class TestCard(unittest.TestCase):
    def card(self, *versions: str) -> str:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory())) / "dataset"
        records = (
            record(f"talk {number}").model_copy(update={"scoring_version": version})
            for number, version in enumerate(versions)
        )
        write_dataset(records, folder, embedder=LetterEmbedder())
        return (folder / "README.md").read_text(encoding="utf-8")

    def test_one_reader_is_called_one_reader(self) -> None:
        card = self.card(f"{UNSCORED} extractive/2", f"{UNSCORED} extractive/2")
        self.assertIn("2 conversations, read by one reader", card)
        self.assertIn("No miner was asked and no validator graded", card)
        self.assertNotIn("read by miners of", card)

    def test_what_was_graded_says_so(self) -> None:
        for versions in (("1",), ("1", f"{UNSCORED} extractive/2"), ()):
            with self.subTest(versions):
                self.assertIn("read by miners of the Conversation Genome subnet", self.card(*versions))


if __name__ == "__main__":
    unittest.main()

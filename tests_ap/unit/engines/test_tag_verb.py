"""`cgp tag` and `cgp ground-truth`, with the real model where it is set up."""

import json
import tempfile
import unittest
from pathlib import Path

import numpy as np
from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.settings import PROJECT_ROOT

TALK = {
    "id": "boat",
    "participants": ["Ann", "Ben"],
    "lines": [
        [0, "I am a carpenter and we restore wooden boats."],
        [1, "How do you bend the oak frames?"],
        [0, "In a steam box, then we rivet the oak frames."],
        [1, "And the larch boards?"],
        [0, "The larch boards go on with copper rivets."],
    ],
}


@unittest.skipUnless((PROJECT_ROOT / "models").is_dir(), "the embedding model is not set up; run `cgp setup`")
class TagVerbTest(unittest.TestCase):
    def run_verb(self, verb: str, *options: str) -> dict[str, object]:
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder) / "talks.jsonl", Path(folder) / "out.jsonl"
            file.write_text(json.dumps(TALK) + "\n", encoding="utf-8")
            result = CliRunner().invoke(app, [verb, str(file), "--out", str(out), *options])
            self.assertEqual(result.exit_code, 0, result.output)
            (row,) = (json.loads(line) for line in out.read_text(encoding="utf-8").splitlines())
        return dict(row)

    def test_a_conversation_gets_tags_profiles_and_a_unit_vector(self) -> None:
        row = self.run_verb("tag", "--max-tags", "3")
        self.assertEqual(set(row), {"id", "tags", "profiles", "embedding", "embedding_model"})
        self.assertLessEqual(len(row["tags"]), 3)
        self.assertTrue(any("wooden boats" in tag["text"] for tag in row["tags"]), row["tags"])
        self.assertEqual(row["profiles"][0]["facts"][0]["text"], "I am a carpenter")
        self.assertAlmostEqual(float(np.linalg.norm(row["embedding"])), 1.0, places=4)

    def test_the_ground_truth_holds_the_windows(self) -> None:
        row = self.run_verb("ground-truth")
        self.assertEqual([window["level"] for window in row["windows"]], [0, 1, 2])
        self.assertTrue(all(window["tags"] for window in row["windows"]))


if __name__ == "__main__":
    unittest.main()

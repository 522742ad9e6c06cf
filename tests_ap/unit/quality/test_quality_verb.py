"""`cgp quality`, with the real model where it is set up."""

import json
import tempfile
import unittest
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.settings import PROJECT_ROOT
from tests_ap.unit.quality.talks import TRAINS

CONTRACT = {"id", "relevance", "engagement", "novelty", "coherence", "fluency", "boring_index", "lines"}


@unittest.skipUnless((PROJECT_ROOT / "models").is_dir(), "the embedding model is not set up; run `cgp setup`")
class QualityVerbTest(unittest.TestCase):
    def run_verb(self, texts: tuple[str, ...], *options: str) -> tuple[Result, list[dict[str, object]]]:
        talk = {"id": "trains", "participants": ["Ann", "Ben"], "lines": [[n % 2, t] for n, t in enumerate(texts)]}
        with tempfile.TemporaryDirectory() as folder:
            file, out = Path(folder) / "talks.jsonl", Path(folder) / "out.jsonl"
            file.write_text(json.dumps(talk) + "\n", encoding="utf-8")
            result = CliRunner().invoke(app, ["quality", str(file), "--out", str(out), *options])
            rows = out.read_text(encoding="utf-8").splitlines() if out.exists() else []
        return result, [json.loads(row) for row in rows]

    def test_a_row_holds_what_the_contract_names_and_nothing_else(self) -> None:
        _, (row,) = self.run_verb(TRAINS)
        self.assertEqual(set(row), CONTRACT)
        self.assertEqual(len(row["lines"]), len(TRAINS))

    def test_what_cannot_be_read_has_a_row_and_is_named_with_the_reason(self) -> None:
        result, rows = self.run_verb(("ok", "ok"), "--json")
        self.assertEqual(len(rows), 1)
        self.assertIn("trains: empty: 2 lines with 2 words", result.output)

    def test_an_unknown_judge_is_bad_input(self) -> None:
        result, rows = self.run_verb(TRAINS, "--judge", "nobody")
        self.assertEqual((rows, "nobody" in str(result.exception or result.output)), ([], True))


if __name__ == "__main__":
    unittest.main()

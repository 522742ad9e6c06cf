"""`cgp score` grades every line, hostile ones included, and names what is wrong with a file."""

import json
import tempfile
import unittest
from pathlib import Path

from click.testing import Result
from typer.testing import CliRunner

from conversation_genome.cli.app import app
from conversation_genome.errors import InputError
from tests_ap.unit.embedding.model_fixture import models_path
from tests_ap.unit.scoring.windows import HONEST, LINES, REFERENCES

TASK = json.dumps({"task_id": "t", "lines": LINES, "context_lines": [], "reference_tags": REFERENCES})
GOOD = json.dumps({"task_id": "t", "miner": "good", "tags": HONEST})


class ScoreVerbTests(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.out = self.folder / "out.jsonl"

    def run_verb(self, tasks: str, responses: str, *more: str) -> Result:
        (self.folder / "tasks.jsonl").write_text(tasks, encoding="utf-8")
        (self.folder / "responses.jsonl").write_text(responses, encoding="utf-8")
        files = ["--tasks", str(self.folder / "tasks.jsonl"), "--responses", str(self.folder / "responses.jsonl")]
        return CliRunner().invoke(
            app, ["score", *files, "--out", str(self.out), *more], env={"CGP_MODELS_PATH": str(models_path())}
        )

    def rows(self) -> list[dict]:
        return [json.loads(line) for line in self.out.read_text(encoding="utf-8").splitlines()]

    def test_answers_come_out_in_their_order_with_scores_rewards_and_reasons(self) -> None:
        poor = json.dumps({"task_id": "t", "miner": "poor", "tags": ["violin"], "profiles": []})
        result = self.run_verb(TASK, f"{poor}\n{GOOD}\n")
        self.assertEqual(result.exit_code, 0, result.output)
        rows = self.rows()
        self.assertEqual([row["miner"] for row in rows], ["poor", "good"])
        self.assertEqual([set(row) for row in rows], [{"task_id", "miner", "score", "reward", "reasons"}] * 2)
        self.assertGreater(rows[1]["reward"], rows[0]["reward"])
        self.assertAlmostEqual(sum(row["reward"] for row in rows), 1)

    def test_hostile_lines_score_nothing_and_stop_nobody(self) -> None:
        deep = '{"task_id": "t", "miner": "deep", "tags": ' + "[" * 50_000 + "]" * 50_000 + "}"
        hostile = [
            {"task_id": "t", "miner": "many", "tags": [f"tag {at}" for at in range(10_000)]},
            {"task_id": "t", "miner": "huge", "tags": ["x" * 10_000_000]},
            {"task_id": "t", "miner": "types", "tags": {"a": 1}, "profiles": 5},
            {"task_id": "t", "miner": "surrogate", "tags": ["\ud800football"]},
            {"task_id": "t", "miner": "nan", "tags": [float("nan")]},
        ]
        self.run_verb(TASK, "\n".join([deep, *map(json.dumps, hostile), GOOD]))
        rows = self.rows()
        self.assertEqual([row["score"] for row in rows[:-1]], [0.0] * 6)
        self.assertTrue(all(row["reasons"] for row in rows))
        self.run_verb(TASK, GOOD)
        self.assertEqual(self.rows()[0]["score"], rows[-1]["score"])

    def test_a_line_that_is_none_is_named_and_nothing_is_written(self) -> None:
        for responses, line in (
            (f"{GOOD}\n{{broken", 2),
            ('{"miner": "m"}', 1),
            ("[]", 1),
            ('{"task_id": "u", "miner": "m"}', 1),
        ):
            result = self.run_verb(TASK, responses)
            self.assertIsInstance(result.exception, InputError)
            self.assertIn(f"responses.jsonl:{line}: ", str(result.exception))
            self.assertFalse(self.out.exists())

    def test_a_faulty_task_is_named(self) -> None:
        for tasks in ("", "{}", f"{TASK}\n{TASK}", '{"task_id": "t", "lines": []}'):
            result = self.run_verb(tasks, GOOD)
            self.assertIsInstance(result.exception, InputError)
            self.assertIn("tasks.jsonl", str(result.exception))

    def test_no_responses_make_an_empty_file(self) -> None:
        self.assertEqual(self.run_verb(TASK, "").exit_code, 0)
        self.assertEqual(self.rows(), [])

    def test_json_says_how_many_were_scored(self) -> None:
        result = self.run_verb(TASK, GOOD, "--json")
        self.assertEqual(json.loads(result.stdout), {"answers": 1, "tasks": 1, "out": str(self.out)})


if __name__ == "__main__":
    unittest.main()

    def test_a_task_in_another_language_is_judged_by_its_languages_model(self) -> None:
        lines = [
            "祖父の古いフィルムカメラが出てきましたが、シャッターが切れません。",
            "巻き上げレバーは最後まで動きますか。",
        ]
        task = json.dumps(
            {"task_id": "t", "lines": lines, "context_lines": [], "reference_tags": ["フィルムカメラ", "カメラの修理"]}
        )
        given = json.dumps({"task_id": "t", "miner": "m", "tags": ["古い写真機", "故障の直し方"]})
        scores = {}
        for judge in ("language", "multilingual", "english"):
            self.assertEqual(self.run_verb(task, given, "--judge-embedder", judge).exit_code, 0)
            scores[judge] = self.rows()[0]["score"]
        self.assertEqual(scores["language"], scores["multilingual"])
        self.assertGreater(scores["language"], scores["english"])

"""A run in one process gives what the verbs give one by one, goes on where it was killed, and follows its input."""

import json
import tempfile
import unittest
from datetime import datetime
from pathlib import Path

import pyarrow.parquet as pq
from typer.testing import CliRunner

from conversation_genome.bulk.run import Bulk, InProcess
from conversation_genome.cli.app import app
from tests_ap.examples import ready_embedder
from tests_ap.integration.bulk import talks


class RunCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        ready_embedder()
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.source, cls.out = cls.folder / "in", cls.folder / "reference"
        talks.write_talks(cls.source)
        cls.summary = cls.run_in_process(cls.out)

    @classmethod
    def run_in_process(cls, out: Path, **options):
        run = Bulk(str(cls.source), out, InProcess(), moment=datetime.fromisoformat(talks.MOMENT), **options)
        return run.run(lambda _what, _total: lambda _steps: None)

    def rows(self, table: str, *columns: str) -> list[dict]:
        return [
            row
            for path in sorted((self.out / "dataset" / table).glob("*.parquet"))
            for row in pq.read_table(path, columns=list(columns)).to_pylist()
        ]


class TestOneRun(RunCase):
    def test_the_good_records_go_in_and_all_others_are_counted(self) -> None:
        one = self.summary
        self.assertEqual((one.conversations, one.duplicates, one.refused, one.faults), (7, 1, 1, 2))
        self.assertEqual((one.publication.conversations, one.files, one.shards_kept), (6, 2, 0))

    def test_what_is_left_out_is_named_by_file_and_line(self) -> None:
        lines = (self.out / "left-out.txt").read_text(encoding="utf-8").splitlines()
        self.assertEqual([line.split(" ")[0] for line in lines], ["a.jsonl:2:", "more/b.jsonl:", "more/b.jsonl:4:"])
        self.assertRegex(lines[1], "'short' is left out: .*2 lines")

    def test_tags_windows_and_quality_are_those_of_the_verbs(self) -> None:
        told = {verb: self.verb(verb) for verb in ("tag", "windows", "quality")}
        for row in self.rows("conversations", "id", "quality", "boring_index", "line_quality"):
            (quality,) = [one for one in told["quality"] if one["id"] == row["id"]]
            for name, value in (*row["quality"].items(), ("boring_index", row["boring_index"])):
                self.assertAlmostEqual(value, quality[name], 6)
            self.assertEqual(len(row["line_quality"]), len(quality["lines"]))
        windows = {(one["conversation_id"], one["level"], one["start"], one["end"]) for one in told["windows"]}
        found = self.rows("windows", "conversation_id", "level", "start", "end")
        self.assertEqual({tuple(row.values()) for row in found}, windows)
        texts = {one["id"]: {tag["text"] for tag in one["tags"]} for one in told["tag"]}
        held = self.rows("conversation_tags", "conversation_id", "text", "window_id")
        for id_, tags in texts.items():
            own = {row["text"] for row in held if row["conversation_id"] == id_ and row["window_id"] is None}
            self.assertLessEqual(own, tags)
            self.assertGreaterEqual(len(own), len(tags) // 2, "masking takes out the names that a talk gives away")

    def verb(self, name: str) -> list[dict]:
        """Return what a verb writes of the same conversations."""
        path = self.folder / "good.jsonl"
        path.write_text("".join(json.dumps(talk.to_record()) + "\n" for talk in talks.talks()), encoding="utf-8")
        done = CliRunner().invoke(app, [name, str(path), "--out", str(self.folder / name)])
        self.assertEqual(done.exit_code, 0, done.output)
        return [json.loads(line) for line in (self.folder / name).read_text(encoding="utf-8").splitlines()]

    def test_no_miner_and_no_validator_is_claimed(self) -> None:
        rows = self.rows("conversations", "miners", "validators", "answers", "scoring_version")
        self.assertEqual({tuple(row.values()) for row in rows}, {(0, 0, 0, rows[0]["scoring_version"])})
        self.assertRegex(rows[0]["scoring_version"], "^unscored extractive/")

    def test_what_is_published_is_masked(self) -> None:
        for shard in (self.out / "shards").glob("*.records.parquet"):
            for body in pq.read_table(shard).column("record").to_pylist():
                self.assertTrue(json.loads(body)["is_masked"])

    def test_the_bytes_do_not_depend_on_how_the_files_are_divided(self) -> None:
        out = self.folder / "small shards"
        self.assertGreater(self.run_in_process(out, piece_bytes=3_000).shards, self.summary.shards)
        self.assertEqual(talks.dataset_of(out), talks.dataset_of(self.out))
        self.assertEqual(talks.store_of(out), talks.store_of(self.out))

    def test_a_single_file_may_stand_for_a_folder(self) -> None:
        file, out = self.source / "more" / "b.jsonl", self.folder / "single"
        summary = Bulk(str(file), out, InProcess()).run(lambda _what, _total: lambda _steps: None)
        self.assertEqual((summary.files, summary.conversations, summary.faults), (1, 3, 1))

    def test_a_second_run_makes_nothing_again(self) -> None:
        before = {path: path.stat().st_mtime_ns for path in (self.out / "shards").iterdir()}
        again = self.run_in_process(self.out)
        self.assertEqual((again.shards_kept, again.publication.shards_kept), (2, self.summary.publication.shards))
        self.assertEqual({path: path.stat().st_mtime_ns for path in (self.out / "shards").iterdir()}, before)


class TestKilled(RunCase):
    def test_a_run_that_was_killed_goes_on_and_ends_with_the_same_bytes(self) -> None:
        out = self.folder / "killed"
        shards = out / "shards"
        talks.kill_when(shards, 3, str(self.source), str(out))
        kept = {path: path.stat().st_mtime_ns for path in shards.glob("*.json")}
        self.assertFalse((out / "dataset").exists())
        summary, _ = talks.run(str(self.source), str(out))
        self.assertGreaterEqual(summary["shards_kept"], 3)
        self.assertEqual({path: path.stat().st_mtime_ns for path in kept}, kept)
        self.assertEqual(list(shards.glob("*.part")), [])
        self.assertEqual(talks.dataset_of(out), talks.dataset_of(self.out))
        self.assertEqual(talks.store_of(out), talks.store_of(self.out))


if __name__ == "__main__":
    unittest.main()

"""The check of a local run's summary: it passes a good run and sees each way in which one is bad."""

import copy
import json
import tempfile
import unittest
from pathlib import Path
from typing import Any

from tests_ap.environment import ROOT, run_python

KINDS = {"honest (deep)": 0.5, "honest (light)": 0.3, "copier": 0.19, "random": 0.01, "slow": 0.0}
GOOD: dict[str, Any] = {
    "seconds": 12.5,
    "conversations": {"total": 2, "complete": 2},
    "windows": 5,
    "answers": {"scored": 40, "late": 10},
    "miners": [
        {"uid": uid, "kind": kind, "answers": 10, "mean_score": share, "reward_share": share, "incentive": share}
        for uid, (kind, share) in enumerate(KINDS.items())
    ],
    "paths": {"report": "report.html"},
}


class CheckSummary(unittest.TestCase):
    def check(self, summary: dict[str, Any]) -> tuple[int, str]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "summary.json"
            path.write_text(json.dumps(summary), encoding="utf-8")
            (path.parent / "report.html").touch()
            done = run_python(str(ROOT / "tools/check_summary.py"), str(path))
        return done.returncode, done.stdout

    def test_a_good_run_passes(self) -> None:
        self.assertEqual(self.check(GOOD), (0, "2 conversations in 12.5 s, miners in the right order\n"))

    def test_each_way_of_being_bad_is_seen(self) -> None:
        def changed(*path: str | int, value: object) -> dict[str, Any]:
            summary: Any = copy.deepcopy(GOOD)
            place = summary
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
            return summary

        bad = {
            "conversations are complete": changed("conversations", "complete", value=1),
            "windows for": changed("windows", value=1),
            "no answer was scored": changed("answers", value={"late": 50}),
            "differ": changed("miners", 0, "answers", value=9),
            "mean_score: random has 0.400": changed("miners", 3, "mean_score", value=0.4),
            "incentive: a copier has 0.300": changed("miners", 2, "incentive", value=0.3),
            "reward_share: slow has 0.100": changed("miners", 4, "reward_share", value=0.1),
            "no honest miner took part": changed("miners", value=[GOOD["miners"][2]]),
            "incentive does not sum to 1": changed("miners", 0, "incentive", value=0.6),
            "is not there": changed("paths", "dataset", value="dataset"),
        }
        for fault, summary in bad.items():
            with self.subTest(fault):
                code, output = self.check(summary)
                self.assertEqual(code, 1)
                self.assertIn(fault, output)


if __name__ == "__main__":
    unittest.main()

"""`summary.json` is a contract: other tools read exactly these fields."""

import json
import unittest

from conversation_genome.annotation import Outcome
from conversation_genome.local.summary import summary_json
from tests_ap.unit.report.made_up_run import run_summary


class TestSummaryJson(unittest.TestCase):
    def test_it_has_exactly_the_fields_of_the_contract(self) -> None:
        summary = summary_json(run_summary())
        self.assertEqual(list(summary), ["seconds", "conversations", "windows", "answers", "miners", "paths"])
        self.assertEqual(summary["conversations"], {"total": 18, "complete": 18})
        self.assertEqual(
            {tuple(miner) for miner in summary["miners"]},
            {("uid", "kind", "answers", "mean_score", "reward_share", "incentive")},
        )

    def test_every_outcome_is_named_even_where_it_did_not_occur(self) -> None:
        self.assertEqual(list(summary_json(run_summary())["answers"]), [outcome.value for outcome in Outcome])

    def test_miners_stand_in_the_order_of_their_reward(self) -> None:
        kinds = [miner["kind"] for miner in summary_json(run_summary())["miners"]]
        self.assertEqual(kinds[:3], ["honest (deep)", "honest (light)", "copier"])

    def test_it_is_plain_json(self) -> None:
        summary = summary_json(run_summary())
        self.assertEqual(json.loads(json.dumps(summary)), summary)

"""The validator is killed thirty times at random moments under load: it ends as one that was never disturbed.

The server, the ledger and the miners are processes of their own; `python -m benchmarks.validator.kills` does it longer.
"""

import tempfile
import unittest
from pathlib import Path

from tests_ap.integration.validators.kills import Kills, Outcome
from tests_ap.integration.validators.subnet import subnet

DEATHS = 30
SEED = 20261120


class KillNineTest(unittest.IsolatedAsyncioTestCase):
    async def test_weights_are_those_of_an_undisturbed_validator_and_no_lease_or_submission_is_lost_or_doubled(
        self,
    ) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        async with subnet(folder, miners=6, tempo=20, block_seconds=0.05) as net:
            kills = Kills(net, seed=SEED)
            await kills.run(DEATHS)
            outcome = await Outcome.of(net)
            self.assertEqual(outcome.faults(net)[:5], [])
            self.assertEqual(sum(kills.moments.values()), DEATHS)
            self.assertGreater(len(outcome.submissions), DEATHS, "there was no load")


if __name__ == "__main__":
    unittest.main()

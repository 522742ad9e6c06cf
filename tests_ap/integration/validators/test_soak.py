"""A few epochs with random faults: none is missed but by one that was just killed, and every process ends in good order.

`python -m benchmarks.validator.soak` does it for five hundred, and looks at the memory.
"""

import tempfile
import unittest
from pathlib import Path

from tests_ap.integration.validators.soak import Soak
from tests_ap.integration.validators.subnet import subnet

EPOCHS = 3
SEED = 20261120


class SoakTest(unittest.IsolatedAsyncioTestCase):
    async def test_no_epoch_is_missed_but_by_one_that_was_killed_in_it(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        async with subnet(folder, miners=6, validators=2, tempo=30, block_seconds=0.1) as net:
            soak = Soak(net, seed=SEED, faults_per_epoch=1.0)
            await soak.run(EPOCHS)
        self.assertLessEqual(set(soak.missed), {net.hotkey})  # the other one was never killed
        self.assertLessEqual(soak.missed.total(), soak.faults["validator killed"])
        self.assertEqual(soak.exits, ["0", "0"])
        self.assertGreaterEqual(soak.epochs, EPOCHS)
        self.assertGreater(sum(soak.faults.values()), 0)


if __name__ == "__main__":
    unittest.main()

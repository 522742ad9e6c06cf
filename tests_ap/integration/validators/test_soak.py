"""Two dozen epochs with random faults: no epoch is missed and every process ends in good order.

`python -m benchmarks.validator.soak` does it for five hundred, and looks at the memory.
"""

import tempfile
import unittest
from pathlib import Path

from tests_ap.integration.validators.soak import Soak
from tests_ap.integration.validators.subnet import subnet

EPOCHS = 8
SEED = 20261120


class SoakTest(unittest.IsolatedAsyncioTestCase):
    async def test_no_epoch_is_missed_whatever_fails(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        async with subnet(folder, miners=6, validators=2, tempo=40, block_seconds=0.05) as net:
            soak = Soak(net, seed=SEED, faults_per_epoch=1.0)
            await soak.run(EPOCHS)
        self.assertEqual(soak.missed, {})
        self.assertEqual(soak.exits, ["0", "0"])
        self.assertGreaterEqual(soak.epochs, EPOCHS)
        self.assertGreater(sum(soak.faults.values()), 0)


if __name__ == "__main__":
    unittest.main()

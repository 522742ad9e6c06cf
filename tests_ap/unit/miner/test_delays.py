"""What a request lost on its way is told from what two clocks differ by."""

import unittest

from miner.delays import REMEMBERED_VALIDATORS, Delays


class DelaysTest(unittest.TestCase):
    def test_a_clock_that_differs_is_no_delay(self) -> None:
        delays = Delays()
        for ahead in (-1.5, 0.0, 9.0):
            name = f"validator {ahead}"
            self.assertEqual(delays.delay(name, 100.0 - ahead, now=100.0), 0.0)
            self.assertEqual(delays.delay(name, 200.0 - ahead, now=200.0), 0.0)

    def test_what_a_request_takes_beyond_the_quickest_is_its_delay(self) -> None:
        delays = Delays()
        delays.delay("validator", 100.0, now=105.0)
        self.assertAlmostEqual(delays.delay("validator", 200.0, now=208.5), 3.5)
        self.assertEqual(delays.delay("other", 200.0, now=208.5), 0.0)

    def test_only_so_many_validators_are_remembered(self) -> None:
        delays = Delays()
        for number in range(2 * REMEMBERED_VALIDATORS):
            delays.delay(str(number), 0.0, now=1.0)
        self.assertEqual(len(delays._ages), REMEMBERED_VALIDATORS)


if __name__ == "__main__":
    unittest.main()

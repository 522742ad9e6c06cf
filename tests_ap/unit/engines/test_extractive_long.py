"""What reading costs beside the talk itself: nothing is loaded that nothing uses."""

import unittest

from tests_ap.environment import run_python


class LoadingTest(unittest.TestCase):
    def test_reading_english_loads_neither_pytorch_nor_transformers(self) -> None:
        code = (
            "import sys; from conversation_genome.engines.extractive.english import tagged; "
            "list(tagged(['We restore wooden boats.'])); "
            "print([name for name in ('torch', 'transformers', 'presidio_analyzer') if name in sys.modules])"
        )
        self.assertEqual(run_python("-c", code).stdout, "[]\n")


if __name__ == "__main__":
    unittest.main()

"""The same bits come out of another process, with another hash seed and another number of threads."""

import json
import os
import subprocess
import sys
import unittest

from conversation_genome.settings import PROJECT_ROOT

PROGRAM = """
import json
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.scoring.windows import HONEST, REFERENCES, scores
answers = {str(at): HONEST[at:] + REFERENCES[:at] + ("stadium nachos", "violin", "people") for at in range(5)}
print(json.dumps({name: score.hex() for name, score in scores(answers, HashEmbedder()).items()}))
"""


def scores_of_another_process(threads: int, hash_seed: int) -> dict[str, str]:
    settings = {name: str(threads) for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
    environment = {**os.environ, **settings, "PYTHONHASHSEED": str(hash_seed), "PYTHONPATH": str(PROJECT_ROOT)}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


class BitTests(unittest.TestCase):
    def test_threads_and_hash_seeds_change_no_bit(self) -> None:
        one, other = scores_of_another_process(1, 0), scores_of_another_process(4, 1234)
        self.assertEqual(one, other)
        self.assertEqual(len(set(one.values())), 5)


if __name__ == "__main__":
    unittest.main()

"""onnxruntime, which reports to its maker unless told otherwise, is told otherwise."""

import os
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from tests_ap.environment import ROOT

SILENCED = ("ORT_DISABLE_TELEMETRY", "CI", "ORT_RUNNING_UNIT_TESTS", "XDG_CACHE_HOME")


class NoTelemetryTest(unittest.TestCase):
    def left_behind(self, lines: str) -> list[Path]:
        """Return what a program leaves in an empty home: an identifier of the device, where it is to report."""
        with tempfile.TemporaryDirectory() as home:
            around = {name: value for name, value in os.environ.items() if name not in SILENCED}
            subprocess.run(
                [sys.executable, "-c", lines], env=around | {"HOME": home}, cwd=ROOT, check=True, timeout=120
            )
            return [path for path in Path(home).rglob("*") if path.is_file()]

    def test_the_embedding_model_leaves_no_identifier_of_the_device(self) -> None:
        self.assertEqual(self.left_behind("import conversation_genome.embedding.onnx"), [])


if __name__ == "__main__":
    unittest.main()

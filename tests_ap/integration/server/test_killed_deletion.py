"""A server that is killed between the database and the vector store finishes the deletion when it is started again."""

import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from pyarrow import parquet

from conversation_genome.settings import PROJECT_ROOT


class KilledDeletionTest(unittest.TestCase):
    def run_server(self, folder: Path, url: str, mode: str) -> int:
        command = [sys.executable, "-m", "tests_ap.integration.server.dying", str(folder), url, mode]
        return subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, timeout=120, check=False).returncode

    def published(self, folder: Path) -> list[str]:
        table = parquet.read_table(folder / "dataset" / "conversations")
        return list(table.column("id").to_pylist())

    def test_a_deletion_that_the_server_did_not_survive_is_finished_at_its_next_start(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        url = f"sqlite+aiosqlite:///{folder}/server.sqlite"
        self.assertEqual(self.run_server(folder, url, "die"), -signal.SIGKILL)
        self.assertEqual([path.name for path in (folder / "index").iterdir()], ["first"])
        self.assertEqual(self.published(folder), ["first"])
        self.assertEqual(self.run_server(folder, url, "live"), 0)
        self.assertEqual(list((folder / "index").iterdir()), [])
        self.assertEqual(self.published(folder), [])

"""`python -m conversation_server`: what is wrong is said in one sentence, before anything is served."""

import asyncio
import re
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

from conversation_genome.client import AdminClient
from tests_ap.integration.server.process import KEY, ProcessCase, ServerProcess


class CommandLineTest(unittest.TestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_server(self, *arguments: str, **settings: Any) -> tuple[int, str]:
        server = ServerProcess(self.folder, **settings)
        process = server.command(*arguments)
        try:
            return process.wait(timeout=60), server.log()
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        finally:
            if process.stdin:
                process.stdin.close()

    def test_what_is_wrong_is_one_sentence_and_an_exit_code(self) -> None:
        for settings, expected, sentence in (
            ({"wallet_name": "nobody"}, 2, "there is no hotkey at"),
            ({"server_admin_key_sha256": "my key"}, 2, "CGP_SERVER_ADMIN_KEY_SHA256 is not the SHA-256"),
            ({"server_database_url": "mysql://x:secret@y/z"}, 2, "CGP_SERVER_DATABASE_URL"),
        ):
            code, log = self.run_server(**settings)
            self.assertEqual(code, expected, log)
            self.assertIn(sentence, log)
            self.assertNotRegex(log, "Traceback|my key|secret")
            (self.folder / "server.log").unlink()

    def test_db_upgrade_makes_the_tables_and_ends(self) -> None:
        code, log = self.run_server("db", "upgrade")
        self.assertEqual(code, 0, log)
        self.assertTrue((self.folder / "server.sqlite").exists())


class FreePortTest(ProcessCase):
    async def asyncSetUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.server = ServerProcess(folder, server_port=0, log_format="json")
        self.addCleanup(self.server.close)
        self.server.start()

    async def test_port_0_takes_a_free_port_and_the_log_names_it(self) -> None:
        url = None
        for _ in range(600):
            if url := re.search(r'"url": ?"(http://[^"]+)"', self.server.log()):
                break
            await asyncio.sleep(0.1)
        assert url is not None, self.server.log()
        self.assertNotIn(":0", url[1][-2:])
        async with AdminClient(url[1], KEY) as admin:
            for _ in range(100):
                if await admin.is_ready():
                    break
                await asyncio.sleep(0.1)
            self.assertEqual((await admin.stats()).tasks, 0)

"""An import that is killed in the middle, and begun again, against a real server."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

from conversation_genome.settings import PROJECT_ROOT
from tests_ap.integration.server.process import KEY, ProcessCase

TALKS = 1_200
BATCH = 500


def write_talks(path: Path, count: int = TALKS) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            lines = [[line % 2, f"talk {number} has a line {line}"] for line in range(3)]
            file.write(json.dumps({"id": f"talk-{number}", "participants": ["Ana", "Bo"], "lines": lines}) + "\n")


def start_import(path: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "conversation_genome", "import", str(path), "--json", *arguments]
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env={**os.environ, "CGP_API_KEY": KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


class StoppedImportTest(ProcessCase):
    async def stored(self) -> int:
        async with self.server.admin() as admin:
            return sum((await admin.stats()).conversations.values())

    async def when_stored(self, at_least: int) -> int:
        deadline = time.monotonic() + 60
        while (count := await self.stored()) < at_least:
            self.assertLess(time.monotonic(), deadline, self.server.log())
            await asyncio.sleep(0.01)
        return count

    async def finish(self, process: subprocess.Popen[str]) -> dict[str, int]:
        out, err = await asyncio.to_thread(process.communicate, timeout=120)
        self.assertEqual(process.returncode, 0, err)
        return dict(json.loads(out))

    async def test_an_import_killed_in_the_middle_goes_on_and_sends_nothing_twice(self) -> None:
        path = self.server.folder / "talks.jsonl"
        write_talks(path)
        first = start_import(path, "--to", self.server.url)
        await self.when_stored(BATCH)
        first.send_signal(signal.SIGKILL)
        await asyncio.to_thread(first.communicate)
        before = await self.stored()
        self.assertLess(before, TALKS)
        summary = await self.finish(start_import(path, "--to", self.server.url))
        self.assertEqual(summary["imported"] + summary["were_there"], TALKS)
        self.assertGreaterEqual(summary["were_there"], before)
        self.assertEqual(await self.stored(), TALKS)
        again = await self.finish(start_import(path, "--to", self.server.url))
        self.assertEqual((again["imported"], again["were_there"]), (0, TALKS))

    async def test_an_import_outlives_the_death_of_the_server(self) -> None:
        path = self.server.folder / "talks.jsonl"
        write_talks(path)
        process = start_import(path, "--to", self.server.url)
        await self.when_stored(BATCH)
        await asyncio.to_thread(self.server.kill)
        self.server.start()
        await self.server.ready()
        summary = await self.finish(process)
        self.assertEqual(summary["imported"] + summary["were_there"], TALKS)
        self.assertEqual(await self.stored(), TALKS)


class StoppedFileTest(unittest.TestCase):
    def test_what_is_killed_while_it_writes_a_file_leaves_none(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        path, out = folder / "talks.jsonl", folder / "out" / "records.jsonl"
        write_talks(path, 20_000)
        process = start_import(path, "--out", str(out))
        while not out.parent.exists() and process.poll() is None:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        self.assertFalse(out.exists())
        again = start_import(path, "--out", str(out))
        again.communicate(timeout=120)
        self.assertEqual(out.read_bytes().count(b"\n"), 20_000)

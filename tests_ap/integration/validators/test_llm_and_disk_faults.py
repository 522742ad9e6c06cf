"""The language model dies, or the disk is full: work waits or falls back, and nothing is paid that cannot be kept."""

import resource
import subprocess
import tempfile
import unittest
from pathlib import Path
from typing import Any

from conversation_genome.engines.loading import load_engine
from conversation_genome.settings import ValidatorSettings
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.integration.validators.proxy import Mode, Proxy
from tests_ap.integration.validators.rig import FaultCase
from tests_ap.unit.server.rig import record
from validators.store import load_state


class LlmFaults(FaultCase):
    """A validator whose ground truth comes from a server that speaks OpenAI's API, and fails."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        await self.miners(6, 4, 1)
        self.model = Proxy(0)
        await self.model.start()
        self.addAsyncCleanup(self.model.close)

    def engine(self, **settings: Any) -> Any:
        given = ValidatorSettings(
            _env_file=None,
            openai_api_key="any",
            openai_base_url=f"http://127.0.0.1:{self.model.port}/v1",
            llm_attempts=1,
            llm_attempt_seconds=0.5,
            llm_call_seconds=1.0,
            llm_folder=self.folder / "llm",
            **settings,
        )
        return load_engine("openai", HashEmbedder(), given)

    async def test_a_language_model_that_died_makes_the_validator_abstain_without_blaming_the_conversation(
        self,
    ) -> None:
        for mode in (Mode.REFUSE, Mode.ERROR, Mode.SILENT):
            with self.subTest(mode.value):
                self.log.clear()
                await self.model.become(mode)
                await self.admin.import_records([record(f"talk {mode.value}")])
                await self.start_validator(engine=self.engine())
                line = await self.until_logged("conversation given up")
                await self.stopped()
                self.assertEqual(line["lease"], "release")
                self.assertRegex(line["code"], "^llm_")
        self.assertEqual((await self.admin.stats()).answers, dict.fromkeys((await self.admin.stats()).answers, 0))
        self.assertEqual((await self.admin.conversation("talk error")).summary.detail, "")
        self.assertEqual(self.weights(), {})

    async def test_where_a_fallback_is_set_it_reads_instead(self) -> None:
        await self.model.become(Mode.REFUSE)
        await self.admin.import_records([record("first", lines=24)])
        await self.start_validator(engine=self.engine(llm_fallback="extractive"))
        await self.until_published()
        self.assertTrue(self.logged("the language model gave no answer; another engine reads"))


class DiskFaults(FaultCase):
    """A validator whose state lies where there is no more room."""

    async def test_on_a_full_disk_nothing_is_handed_in_and_with_room_again_all_of_it_once(self) -> None:
        disk = self.full_disk()
        await self.miners(6, 1)
        await self.admin.import_records([record(f"talk {number}", lines=40) for number in range(3)])
        filler = disk / "filler"
        await self.start_validator(validator_state_path=disk / "state.json")
        await self.until_logged("asked")
        _fill(filler)
        line = await self.until_logged("work is put off")
        self.assertEqual(line["code"], "state_unwritable")
        self.assertIn("No space left on device", line["reason"])
        filler.unlink()
        await self.until_published(3)
        await self.stopped()
        stats = await self.admin.stats()
        self.assertEqual(sum(stats.answers.values()), 2 * stats.tasks)
        averages = load_state(disk / "state.json").averages.by_hotkey
        self.assertEqual({one.samples for one in averages.values()}, {stats.tasks})

    async def test_a_file_that_may_not_grow_is_a_full_disk(self) -> None:
        validator = await self.start_validator()
        memory = validator._weights.memory
        memory.reward({self.me.hotkey: 0.5})
        before = memory.state
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
        try:
            with self.assertRaisesRegex(Exception, "File too large.*make room"):
                memory.reward({self.me.hotkey: 0.5})
            memory.save()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        self.assertEqual((memory.state, load_state(self.folder / "state.json")), (before, before))
        memory.reward({self.me.hotkey: 1.0})
        self.assertEqual(load_state(self.folder / "state.json"), memory.state)

    def full_disk(self) -> Path:
        """Return a folder on a small file system of its own."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        mount = ["mount", "-t", "tmpfs", "-o", "size=256k", "none", str(folder)]
        try:
            subprocess.run(mount, check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            self.skipTest("a small file system can be mounted by root alone")
        self.addCleanup(subprocess.run, ["umount", "-l", str(folder)], check=True)
        return folder


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        for size in (4_096, 1):
            try:
                while True:
                    file.write(b"x" * size)
            except OSError:
                continue


if __name__ == "__main__":
    unittest.main()

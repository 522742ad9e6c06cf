"""What hangs is broken off or ends the process; what gets on is left alone."""

import asyncio
import socket
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path

from structlog.testing import capture_logs

from conversation_genome.errors import StepOverdueError
from tests_ap.environment import ROOT
from validators.metrics import ValidatorMetrics
from validators.pauses import Backoff, jittered
from validators.service_manager import notifier
from validators.watchdog import EXIT_STUCK, Watchdog, advance, in_thread

HANGING = """
import asyncio, threading, time
from validators import watchdog
async def main():
    dog = watchdog.Watchdog(step_seconds=0.05, beat_seconds=0.01)
    async with dog.watching():
        {}
asyncio.run(main())
"""


class Steps(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.metrics = ValidatorMetrics()
        self.watchdog = Watchdog(step_seconds=0.05, metrics=self.metrics)

    async def test_a_step_that_hangs_is_broken_off_logged_with_its_stack_and_counted(self) -> None:
        with capture_logs() as lines, self.assertRaisesRegex(StepOverdueError, "'lease' made no progress for 0.05 s"):
            async with self.watchdog.step("lease"):
                await self.hang_for_ever()
        (line,) = lines
        self.assertIn("hang_for_ever", line["stack"])
        self.assertEqual(
            self.metrics.registry.get_sample_value("cgp_validator_steps_overdue_total", {"step": "lease"}), 1
        )

    async def hang_for_ever(self) -> None:
        await asyncio.Event().wait()

    async def test_a_step_that_gets_on_takes_as_long_as_it_likes(self) -> None:
        patient = Watchdog(step_seconds=0.4, metrics=self.metrics)
        async with patient.step("conversation"):
            for _ in range(20):
                await asyncio.sleep(0.05)
                await self.in_a_task_of_its_own()

    async def in_a_task_of_its_own(self) -> None:
        async def get_on() -> None:
            advance()

        await asyncio.create_task(get_on())

    async def test_a_timeout_of_the_steps_own_is_left_as_it_is(self) -> None:
        with self.assertRaises(TimeoutError):
            async with self.watchdog.step("lease"), asyncio.timeout(0.0):
                await asyncio.sleep(1)

    async def test_work_in_a_thread_is_watched_and_counts_as_progress(self) -> None:
        seen: list[str] = []

        def work() -> int:
            seen.extend(name for name, _ in self.watchdog._jobs.values())
            return threading.get_ident()

        async with self.watchdog.step("grade"):
            self.assertNotEqual(await in_thread(work), threading.get_ident())
        self.assertRegex(seen[0], "^grade: .*work$")
        self.assertEqual(self.watchdog._jobs, {})


class Hanging(unittest.TestCase):
    def end_of(self, code: str, before: str = "") -> subprocess.CompletedProcess[str]:
        script = HANGING.replace("async def main", f"{before}async def main").format(code)
        return subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def test_an_event_loop_that_is_blocked_ends_the_process_with_a_code_of_its_own(self) -> None:
        ended = self.end_of("time.sleep(60)")
        self.assertEqual(ended.returncode, EXIT_STUCK, ended.stderr)
        self.assertIn("the event loop has not turned", ended.stderr)
        self.assertIn("in main", ended.stderr)

    def test_a_thread_that_is_stuck_ends_the_process_with_a_code_of_its_own(self) -> None:
        step = "    async with dog.step('chain'): await watchdog.in_thread(time.sleep, 60)\n"
        ended = self.end_of(
            "await asyncio.gather(stuck(dog), return_exceptions=True); await asyncio.sleep(60)",
            before=f"async def stuck(dog):\n{step}",
        )
        self.assertEqual(ended.returncode, EXIT_STUCK, ended.stderr)
        self.assertIn("chain: ", ended.stderr)
        self.assertIn("has kept a thread", ended.stderr)


class Manager(unittest.IsolatedAsyncioTestCase):
    async def test_the_service_manager_hears_of_the_start_of_every_beat_and_of_the_end(self) -> None:
        address = str(Path(self.enterContext(tempfile.TemporaryDirectory())) / "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(address)
            manager.settimeout(5)
            watchdog = Watchdog(step_seconds=60, beat_seconds=0.03, notify=notifier({"NOTIFY_SOCKET": address}))
            async with watchdog.watching():
                await asyncio.sleep(0.05)  # few enough for the queue of a socket that nobody reads yet
            manager.setblocking(False)
            heard = []
            while not heard or heard[-1] != b"STOPPING=1":
                heard.append(manager.recv(100))
        self.assertEqual({b"READY=1", b"WATCHDOG=1", b"STOPPING=1"}, set(heard))
        self.assertEqual((heard[0], heard[-1]), (b"READY=1", b"STOPPING=1"))

    async def test_without_one_nothing_is_said_and_nothing_fails(self) -> None:
        for environment in ({}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "/nowhere/at/all"}):
            notifier(environment)("READY=1")


class Pauses(unittest.TestCase):
    def test_waits_differ_and_grow_to_a_minute_and_begin_anew(self) -> None:
        backoff = Backoff(1.0)
        waits = [backoff.next_seconds() for _ in range(300)]
        self.assertTrue(all(0.75 <= one <= 60.0 for one in waits))
        self.assertGreater(max(waits), 30.0)
        self.assertGreater(len(set(waits)), 250)
        backoff.reset()
        self.assertLess(backoff.next_seconds(), 1.26)

    def test_a_jittered_time_is_within_a_quarter(self) -> None:
        self.assertTrue(all(7.5 <= jittered(10.0) <= 12.5 for _ in range(100)))


if __name__ == "__main__":
    unittest.main()

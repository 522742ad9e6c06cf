"""SIGTERM: what is at hand ends in time or is given back, everything is kept, exit code 0; a second one ends at once."""

import asyncio
import signal
import subprocess
import sys
import unittest

from conversation_genome.protocol.reads import ConversationState
from tests_ap.environment import ROOT
from tests_ap.integration.validators.proxy import Mode, Proxy
from tests_ap.integration.validators.rig import FaultCase
from tests_ap.unit.server.rig import record, signer
from validators.store import load_state

TWICE = """
import asyncio, os, signal
from validators.__main__ import _stop
async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, _stop, stop, signal.SIGTERM)
    os.kill(os.getpid(), signal.SIGTERM)
    await stop.wait()
    print("stopping", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""


class Stopping(FaultCase):
    """A validator that is told to stop in the middle of a conversation."""

    async def test_a_conversation_that_ends_in_time_is_finished(self) -> None:
        await self.miners(6, 1)
        await self.admin.import_records([record(f"talk {number}", lines=40) for number in range(3)])
        await self.start_validator(validator_stop_seconds=30.0)
        await self.until_logged("asked")
        await self.stopped()
        states = (await self.admin.stats()).conversations
        self.assertEqual((states[ConversationState.LEASED], states[ConversationState.WAITING]), (0, 2))
        self.assertEqual(load_state(self.folder / "state.json").leases, {})

    async def test_one_that_does_not_is_given_back_without_blame_and_free_at_once(self) -> None:
        await self.miners(6)
        silent = Proxy(0)
        await silent.start()
        await silent.become(Mode.SILENT)
        self.addAsyncCleanup(silent.close)
        self.put_on_chain(signer("silent"), silent.port)
        await self.admin.import_records([record("first", lines=40)])
        await self.start_validator(validator_stop_seconds=0.1, validator_timeout_seconds=60.0)
        await self.until_logged("asked")
        await self.stopped()
        summary = (await self.admin.conversation("first")).summary
        self.assertEqual((summary.state, summary.detail), (ConversationState.WAITING, ""))
        self.assertEqual(load_state(self.folder / "state.json").leases, {})

    async def test_a_validator_that_waits_for_a_server_that_is_gone_stops_at_once(self) -> None:
        await self.proxy.become(Mode.REFUSE)
        await self.start_validator(validator_stop_seconds=600.0)
        await self.until_logged("work is put off")
        async with asyncio.timeout(60):
            await self.stopped()

    async def test_a_conversation_that_cannot_be_graded_is_given_back_with_the_reason_which_the_operator_sees(
        self,
    ) -> None:
        await self.miners(6, 1)
        await self.admin.import_records([record("first")])
        await self.start_validator(engine=_Failing())  # type: ignore[arg-type]
        await self.until_logged("given back")
        await self.stopped()
        detail = (await self.admin.conversation("first")).summary.detail
        self.assertIn(f"given back by {self.me.hotkey}: ZeroDivisionError: of this talk", detail)


class _Failing:
    name = "failing/1"

    def annotate(self, *_: object, **__: object) -> None:
        raise ZeroDivisionError("of this talk")

    annotate_windows = annotate


class TwiceTest(unittest.TestCase):
    def test_the_second_signal_ends_the_process_at_once(self) -> None:
        with subprocess.Popen([sys.executable, "-c", TWICE], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            self.assertEqual(process.stdout.readline(), "stopping\n")
            process.send_signal(signal.SIGTERM)
            self.assertEqual(process.wait(10), 128 + signal.SIGTERM)


if __name__ == "__main__":
    unittest.main()

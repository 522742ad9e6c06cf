"""The conversation server fails in every way that servers do: work waits, and nothing is lost, doubled or paid wrongly."""

import unittest

from conversation_genome.protocol.reads import ConversationState
from tests_ap.integration.validators.proxy import Mode
from tests_ap.integration.validators.rig import FaultCase
from tests_ap.unit.server.rig import KEY, record


class ServerFaults(FaultCase):
    """A validator with two miners, of which the first gives the better answers."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.good, self.poor = await self.miners(6, 1)

    async def outage(self, mode: Mode, code: str = "unavailable") -> None:
        """Let the server fail in this way from before the start, and come back."""
        await self.admin.import_records([record("first")])
        await self.proxy.become(mode)
        await self.start_validator(timeout_seconds=0.3)
        line = await self.until_logged("work is put off")
        self.assertEqual(line["code"], code)
        await self.proxy.become(Mode.PASS)
        await self.until_published()
        await self.until_weighed()
        self.assertGreater(self.weights()[self.good.hotkey], self.weights().get(self.poor.hotkey, 0.0))

    async def test_a_server_that_refuses_connections_is_waited_for(self) -> None:
        await self.outage(Mode.REFUSE)

    async def test_a_server_that_answers_503_with_a_page_is_waited_for(self) -> None:
        await self.outage(Mode.ERROR)

    async def test_a_server_that_sends_a_byte_now_and_then_is_waited_for(self) -> None:
        await self.outage(Mode.DRIP)

    async def test_a_server_that_answers_half_a_json_document_is_waited_for(self) -> None:
        await self.outage(Mode.GARBAGE)

    async def test_a_server_that_breaks_connections_off_is_waited_for(self) -> None:
        await self.outage(Mode.RESET)

    async def test_a_server_that_goes_away_in_mid_lease_gets_every_answer_once(self) -> None:
        await self.admin.import_records([record(f"talk {number}", lines=40) for number in range(4)])
        await self.start_validator(timeout_seconds=0.5)
        for mode in (Mode.REFUSE, Mode.SILENT, Mode.RESET):
            await self.until_logged("asked")
            self.log.clear()
            await self.proxy.become(mode)
            await self.until_logged("work is put off")
            await self.proxy.become(Mode.PASS)
        await self.until_published(4)
        stats = await self.admin.stats()
        self.assertEqual((sum(stats.answers.values()), stats.disagreements), (2 * stats.tasks, 0))
        await self.stopped()
        self.assertEqual(self.samples(), {stats.tasks})

    async def test_a_server_that_is_started_again_in_mid_lease_gives_the_same_lease_out_again(self) -> None:
        await self.admin.import_records([record("first", lines=40)])
        await self.start_validator()
        await self.until_logged("asked")
        await self.proxy.become(Mode.REFUSE)
        await self.until_logged("work is put off")
        await self.life.aclose()
        await self.start()  # on the same database, with nothing in memory
        self.admin = self.administrator(KEY)
        self.proxy.target_port = await self.serve(self.app)
        await self.proxy.become(Mode.PASS)
        await self.until_published()
        detail = await self.admin.conversation("first")
        self.assertEqual((detail.summary.attempts, detail.summary.state), (1, ConversationState.PUBLISHED))


if __name__ == "__main__":
    unittest.main()

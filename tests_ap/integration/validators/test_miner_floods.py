"""Miners that flood, stall, break off or talk nonsense, and a clock or network of our own that fails: nobody else suffers."""

import asyncio
import time
import unittest

from bittensor.keyfiles import Keypair

from conversation_genome.annotation import Outcome
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES
from conversation_genome.protocol.signing import Signer
from tests_ap.integration.validators.proxy import Mode, Proxy
from tests_ap.integration.validators.rig import FaultCase
from tests_ap.unit.server.rig import record, signer

HOUR_NS = 3_600 * 10**9


class Floods(FaultCase):
    """One honest miner among many that are not."""

    async def hostile(self, mode: Mode, number: int) -> None:
        """Register a miner that does this with every request."""
        proxy = Proxy(0)
        await proxy.start()
        await proxy.become(mode)
        self.addAsyncCleanup(proxy.close)
        self.put_on_chain(signer(f"hostile-{number}"), proxy.port)

    async def flooding(self) -> None:
        """Register a miner that sends bytes without end."""

        async def flood(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                await reader.readuntil(b"\r\n\r\n")
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\n")
                for _ in range(1_000):
                    writer.write(b"[" * MAX_ANSWER_BYTES)
                    await writer.drain()
            except (OSError, asyncio.IncompleteReadError):
                pass
            finally:
                writer.transport.abort()

        server = await asyncio.start_server(flood, "127.0.0.1", 0)
        self.addAsyncCleanup(server.wait_closed)
        self.addCleanup(server.close)
        self.put_on_chain(signer("flood"), server.sockets[0].getsockname()[1])

    async def test_every_kind_of_hostile_miner_costs_itself_alone(self) -> None:
        (good,) = await self.miners(6)
        for number, mode in enumerate((Mode.RESET, Mode.DRIP, Mode.GARBAGE, Mode.ERROR, Mode.SILENT, Mode.REFUSE)):
            await self.hostile(mode, number)
        await self.flooding()
        await self.admin.import_records([record("first")])
        await self.start_validator(validator_miners_per_window=8, validator_timeout_seconds=2.0)
        await self.until_published()
        await self.until_weighed()
        self.assertEqual(self.weights(), {good.hotkey: 1.0})
        stats = await self.admin.stats()
        self.assertEqual(stats.answers[Outcome.SCORED], stats.tasks)
        self.assertEqual(stats.answers[Outcome.TOO_LARGE], stats.tasks)
        self.assertEqual(stats.disagreements, 0)

    async def test_while_nobody_answers_nobody_is_scored_and_the_lease_is_given_back_without_blame(self) -> None:
        for number in range(3):
            await self.hostile(Mode.REFUSE, number)
        await self.admin.import_records([record("first")])
        await self.start_validator()
        line = await self.until_logged("work is put off")
        self.assertEqual(line["code"], "nobody_answers")
        self.assertEqual(sum((await self.admin.stats()).answers.values()), 0)
        self.assertEqual((await self.admin.conversation("first")).summary.detail, "")
        self.assertEqual(self.weights(), {})

    async def test_a_clock_that_is_wrong_scores_nobody(self) -> None:
        await self.miners(6, 4, 2)
        await self.admin.import_records([record("first")])
        offset = 0
        own = Signer(Keypair.create_from_uri("//alice"), clock=lambda: time.time_ns() + offset)
        await self.start_validator(own=own)
        await self.until_published()
        await self.until_weighed()
        before, offset = self.weights(), -HOUR_NS
        await self.admin.import_records([record("second")])
        await self.until_logged("work is put off")
        self.assertEqual(self.samples(), {1})
        offset = 0
        await self.until_published(2)
        self.assertEqual(self.weights().keys(), before.keys())

    async def test_a_clock_that_was_set_back_is_followed(self) -> None:
        now = time.time_ns() + HOUR_NS
        ahead = Signer(Keypair.create_from_uri("//alice"), clock=lambda: now)
        first = ahead.headers(method="GET", path="/", body=b"", receiver=self.me.hotkey)
        now -= HOUR_NS
        nonces = [
            int(ahead.headers(method="GET", path="/", body=b"", receiver=self.me.hotkey)["X-Bittensor-Nonce"])
            for _ in range(3)
        ]
        self.assertEqual(int(first["X-Bittensor-Nonce"]), now + HOUR_NS)
        self.assertEqual(nonces, [now, now + 1, now + 2])


if __name__ == "__main__":
    unittest.main()

"""Limits: what callers may spend, kept in the database, whoever spends at the same moment."""

import asyncio
from typing import Any, ClassVar
from unittest import mock

import httpx2
import orjson

from conversation_genome.errors import TooManyRequestsError
from conversation_genome.protocol.messages import LeaseRequest
from conversation_server.db import budgets
from conversation_server.db.database import Database
from conversation_server.services.limits import Limits
from tests_ap.unit.server.rig import ALICE, BOB, KEY, SERVER, URL, ServerCase, record

FOUR_BYTES = sum(len(orjson.dumps(record(f"talk {number}"))) for number in range(4))
ADMINISTRATOR = {"authorization": f"Bearer {KEY}"}


class LimitsCase(ServerCase):
    def other_server(self) -> Limits:
        """Return the limits of another server of the same database."""
        database = Database(self.url)
        self.addAsyncCleanup(database.close)
        return Limits(database, self.server.tools)

    async def allowed(self, limits: Limits, requests: int, caller: str = "alice") -> int:
        """Return how many of some requests, sent at once, are let through."""
        found = await asyncio.gather(*(limits.validator(caller) for _ in range(requests)), return_exceptions=True)
        refused = [one for one in found if isinstance(one, TooManyRequestsError)]
        self.assertEqual([one for one in found if one not in (None, *refused)], [])
        return requests - len(refused)


class ManyRequestsTest(LimitsCase):
    settings: ClassVar[dict[str, Any]] = {"server_validator_requests_per_minute": 600}

    async def test_servers_of_one_database_together_never_allow_more_than_the_setting(self) -> None:
        servers = [self.server.limits, *(self.other_server() for _ in range(3))]
        counts = await asyncio.gather(*(self.allowed(limits, 200) for limits in servers))
        self.assertLessEqual(sum(counts), 600)
        self.assertGreater(sum(counts), 600 - 4 * 600 / 20)  # what each may have drawn and not needed

    async def test_a_thousand_requests_cost_a_few_dozen_statements(self) -> None:
        with mock.patch.object(budgets, "spend", wraps=budgets.spend) as spend:
            self.assertEqual(await self.allowed(self.server.limits, 1_000), 600)
        self.assertEqual(spend.call_count, 22)  # twenty draws; then neither a draw nor a single request is left

    async def test_a_budget_refills_steadily(self) -> None:
        await self.allowed(self.server.limits, 600)
        for seconds, expected in ((0.05, 0), (0.05, 1), (30.0, 300), (3_600.0, 600)):
            self.clock.now += seconds
            self.assertEqual(await self.allowed(self.other_server(), 700), expected, seconds)

    async def test_one_callers_flood_takes_nothing_from_another(self) -> None:
        await self.allowed(self.server.limits, 700)
        self.assertEqual(await self.allowed(self.server.limits, 600, "bob"), 600)

    async def test_what_was_spent_is_remembered_over_a_restart(self) -> None:
        await self.allowed(self.server.limits, 600)
        await self.life.aclose()
        await self.start()
        self.assertEqual(await self.allowed(self.server.limits, 10), 0)

    async def test_a_clock_that_is_set_back_locks_nobody_out_for_longer_than_a_budget_takes_to_fill(self) -> None:
        await self.allowed(self.server.limits, 700)
        self.clock.now -= 30.0
        self.assertEqual(await self.allowed(self.server.limits, 10), 0)
        self.clock.now += 30.0 + 60.0
        self.assertEqual(await self.allowed(self.server.limits, 700), 600)
        self.clock.now -= 86_400.0
        self.assertEqual(await self.allowed(self.server.limits, 700), 600)

    async def test_budgets_that_are_full_again_are_forgotten(self) -> None:
        with mock.patch("conversation_server.services.limits.FORGET_EVERY", 4):
            for number in range(3):
                await self.server.limits.validator(f"caller {number}")
            self.clock.now += 61.0
            await self.server.limits.validator("the last one")
        async with self.server.read() as work:
            connection = await work.session.connection()
            rows = await connection.exec_driver_sql("SELECT caller FROM budgets")
            self.assertEqual([caller for (caller,) in rows], ["validator the last one"])


class CallersTest(LimitsCase):
    settings: ClassVar[dict[str, Any]] = {
        "server_validator_requests_per_minute": 3,
        "server_key_requests_per_minute": 4,
        "server_anonymous_requests_per_minute": 2,
        "server_trusted_proxies": "127.0.0.0/8",
        "server_public_reads": True,
    }

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.http = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(self.http.aclose)

    async def statuses(self, times: int, headers: dict[str, str], path: str = "/v1/stats") -> list[int]:
        return [(await self.http.get(path, headers=headers)).status_code for _ in range(times)]

    async def test_validators_are_counted_by_hotkey(self) -> None:
        for _ in range(3):
            await self.alice.lease()
        with self.assertRaisesRegex(TooManyRequestsError, "CGP_SERVER_VALIDATOR_REQUESTS_PER_MINUTE"):
            await self.alice.lease()
        self.assertIsNone(await self.bob.lease())

    async def test_keys_are_counted_by_id_and_refused_with_the_time_to_wait(self) -> None:
        self.assertEqual(await self.statuses(4, ADMINISTRATOR), [200] * 4)
        refused = await self.http.get("/v1/stats", headers=ADMINISTRATOR)
        self.assertEqual((refused.status_code, refused.json()["code"]), (429, "too_many_requests"))
        self.assertEqual(refused.headers["retry-after"], "15")
        self.clock.now += 15.0
        self.assertEqual(await self.statuses(2, ADMINISTRATOR), [200, 429])

    async def test_anonymous_readers_are_counted_by_the_address_that_a_trusted_proxy_tells(self) -> None:
        for address in ("203.0.113.5", "203.0.113.6"):
            self.assertEqual(await self.statuses(3, {"x-forwarded-for": address}), [200, 200, 429])
        self.assertEqual(await self.statuses(1, {"x-forwarded-for": "1.2.3.4, 203.0.113.5"}), [429])

    async def test_guessing_keys_and_signatures_counts_against_the_address(self) -> None:
        self.assertEqual(await self.statuses(3, {"authorization": "Bearer wrong"}), [401, 401, 429])
        self.assertEqual((await self.http.post("/v1/leases", content=b"{}")).status_code, 429)

    async def test_strangers_at_the_same_address_lock_nobody_out_who_proves_who_they_are(self) -> None:
        await self.statuses(5, {"authorization": "Bearer wrong"})
        self.assertEqual(await self.statuses(1, ADMINISTRATOR), [200])
        body = LeaseRequest().model_dump_json().encode()
        for who in (ALICE, BOB):
            headers = who.headers(method="POST", path="/v1/leases", body=body, receiver=SERVER.hotkey)
            self.assertEqual((await self.http.post("/v1/leases", content=body, headers=headers)).status_code, 204)

    async def test_health_is_never_refused(self) -> None:
        await self.statuses(5, {})
        self.assertEqual(await self.statuses(3, {}, "/healthz"), [200] * 3)
        self.assertEqual(await self.statuses(1, {}, "/metrics"), [429])


class ImportQuotaTest(LimitsCase):
    settings: ClassVar[dict[str, Any]] = {"server_key_import_bytes_per_day": FOUR_BYTES}

    async def test_a_key_imports_no_more_than_its_bytes_a_day_and_goes_on_the_day_after(self) -> None:
        for number in range(4):
            await self.admin.import_records([record(f"talk {number}")])
        with self.assertRaisesRegex(TooManyRequestsError, r"imported bytes .* in [\d,]+ s"):
            await self.admin.import_records([record("talk 9")])
        self.assertEqual(len((await self.admin.conversations()).conversations), 4)
        self.clock.now += 86_400.0
        self.assertEqual((await self.admin.import_records([record("talk 9")])).imported, 1)


class NoLimitsTest(LimitsCase):
    settings: ClassVar[dict[str, Any]] = {
        f"server_{name}": 0
        for name in (
            "validator_requests_per_minute",
            "key_requests_per_minute",
            "anonymous_requests_per_minute",
            "key_import_bytes_per_day",
        )
    }

    async def test_zero_is_no_limit(self) -> None:
        with mock.patch.object(budgets, "spend", side_effect=AssertionError):
            self.assertEqual(await self.allowed(self.server.limits, 2_000), 2_000)
            await self.server.limits.imported("key", 10**15)

"""Who may call: signatures, nonces, permits and API keys; in doubt nobody."""

from typing import Any, ClassVar

import httpx2

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import AuthenticationError, PermissionDeniedError, StaleMetagraphError
from conversation_genome.protocol.messages import LeaseRequest
from conversation_genome.protocol.signing import Signer
from tests_ap.unit.server.rig import ALICE, BOB, KEY, SERVER, URL, ServerCase, record, signer

BODY = LeaseRequest().model_dump_json().encode()


class HttpCase(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.http = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(self.http.aclose)

    def headers(self, who: Signer = ALICE, path: str = "/v1/leases", body: bytes = BODY) -> dict[str, str]:
        return who.headers(method="POST", path=path, body=body, receiver=SERVER.hotkey)

    async def post(self, headers: dict[str, str], body: bytes = BODY, path: str = "/v1/leases") -> httpx2.Response:
        return await self.http.post(path, content=body, headers=headers)

    def assert_refused(self, response: httpx2.Response, status: int, code: str) -> None:
        self.assertEqual((response.status_code, response.json()["code"]), (status, code), response.text)


class ValidatorTest(HttpCase):
    async def test_a_request_without_a_signature_is_refused(self) -> None:
        self.assert_refused(await self.post({}), 401, "not_authenticated")

    async def test_a_request_whose_body_was_changed_is_refused(self) -> None:
        changed = LeaseRequest(holding=("something",)).model_dump_json().encode()
        self.assert_refused(await self.post(self.headers(), changed), 401, "not_authenticated")

    async def test_a_signature_for_another_path_is_refused(self) -> None:
        headers = self.headers(path="/v1/leases/1/renew")
        self.assert_refused(await self.post(headers), 401, "not_authenticated")

    async def test_a_query_that_was_not_signed_is_refused(self) -> None:
        self.assert_refused(await self.post(self.headers(), path="/v1/leases?more=1"), 401, "not_authenticated")

    async def test_a_request_under_another_name_is_refused(self) -> None:
        headers = self.headers() | {"X-Bittensor-Hotkey": BOB.hotkey}
        self.assert_refused(await self.post(headers), 401, "not_authenticated")

    async def test_a_request_that_was_received_before_is_refused(self) -> None:
        headers = self.headers()
        self.assertEqual((await self.post(headers)).status_code, 204)
        self.assert_refused(await self.post(headers), 401, "not_authenticated")

    async def test_a_replay_is_refused_by_another_process_on_the_same_database(self) -> None:
        headers = self.headers()
        self.assertEqual((await self.post(headers)).status_code, 204)
        await self.life.aclose()
        await self.start()
        async with httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app)) as other:
            self.assert_refused(await other.post("/v1/leases", content=BODY, headers=headers), 401, "not_authenticated")

    async def test_a_forged_request_does_not_use_up_the_nonce(self) -> None:
        headers = self.headers()
        forged = headers | {"X-Bittensor-Signature": "0x" + "00" * 64}
        self.assert_refused(await self.post(forged), 401, "not_authenticated")
        self.assertEqual((await self.post(headers)).status_code, 204)

    async def test_a_request_for_another_server_is_refused(self) -> None:
        with self.assertRaisesRegex(AuthenticationError, "receiv"):
            await self.validator(ALICE, receiver=Hotkey(BOB.hotkey)).lease()

    async def test_a_hotkey_that_is_not_registered_is_refused(self) -> None:
        with self.assertRaisesRegex(PermissionDeniedError, "not registered"):
            await self.validator(signer("stranger")).lease()

    async def test_a_miner_without_a_permit_is_refused(self) -> None:
        miner = signer("miner")
        self.ledger.register(self.server.callers._admission._netuid, miner.hotkey, stake=0.0)
        self.server.callers._admission.refresh()
        with self.assertRaisesRegex(PermissionDeniedError, "no validator permit"):
            await self.validator(miner).lease()

    async def test_nobody_is_let_in_while_the_metagraph_is_stale(self) -> None:
        admission = self.server.callers._admission
        admission._clock = lambda: 1e12
        admission._tried_at = 1e12
        with self.assertRaises(StaleMetagraphError):
            await self.alice.lease()

    async def test_a_body_is_not_read_before_its_sender_is_known(self) -> None:
        self.assert_refused(await self.post({}, b"{not json"), 401, "not_authenticated")
        bad = b"{not json"
        self.assert_refused(await self.post(self.headers(body=bad), bad), 422, "bad_input")


class StakeTest(HttpCase):
    settings: ClassVar[dict[str, Any]] = {"server_min_stake": 150.0}

    async def test_a_validator_with_too_little_stake_is_refused(self) -> None:
        with self.assertRaisesRegex(PermissionDeniedError, "stake"):
            await self.alice.lease()
        rich = signer("rich")
        self.ledger.register(self.server.callers._admission._netuid, rich.hotkey, stake=200.0)
        self.server.callers._admission.refresh()
        self.assertIsNone(await self.validator(rich).lease())


class AdministratorTest(HttpCase):
    routes = (
        ("POST", "/v1/conversations"),
        ("DELETE", "/v1/conversations/first"),
        ("POST", "/v1/publications"),
        ("GET", "/v1/miners/hotkey"),
    )
    reads = ("conversations", "conversations/first", "tags", "search?q=cheese", "miners", "publications", "stats")

    async def test_without_the_key_nothing_is_administered_or_read(self) -> None:
        for method, path in (*self.routes, *(("GET", f"/v1/{name}") for name in self.reads)):
            for headers in (
                {},
                {"authorization": "Bearer wrong"},
                {"authorization": KEY},
                {"authorization": "Bearer "},
            ):
                response = await self.http.request(method, path, headers=headers)
                self.assert_refused(response, 401, "not_authenticated")
                self.assertEqual(response.headers["www-authenticate"], "Bearer")

    async def test_a_signature_is_no_api_key(self) -> None:
        headers = ALICE.headers(method="GET", path="/v1/stats", body=b"", receiver=SERVER.hotkey)
        self.assert_refused(await self.http.get("/v1/stats", headers=headers), 401, "not_authenticated")


class NoAdministratorTest(HttpCase):
    settings: ClassVar[dict[str, Any]] = {"server_admin_key_sha256": ""}

    async def test_a_server_without_a_key_takes_no_administrator(self) -> None:
        response = await self.http.post("/v1/publications", headers={"authorization": "Bearer "})
        self.assert_refused(response, 403, "permission_denied")


class PublicReadsTest(HttpCase):
    settings: ClassVar[dict[str, Any]] = {"server_public_reads": True}

    async def test_anybody_may_read_but_labels_and_miners_answers_stay_with_the_administrator(self) -> None:
        await self.admin.import_records([record("first", labels={"mood": "good"})])
        stranger = self.administrator("")
        self.assertEqual((await stranger.stats()).tasks_done, 0)
        self.assertEqual((await stranger.conversation("first")).record["labels"], {})
        self.assertEqual((await self.admin.conversation("first")).record["labels"], {"mood": "good"})
        with self.assertRaises(AuthenticationError):
            await stranger.miner_answers("anybody")

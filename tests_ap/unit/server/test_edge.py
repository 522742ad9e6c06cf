"""The edge of the server: statuses, bounds, request ids, numbers, and nothing of the inside shown."""

import gzip
import unittest
from collections.abc import AsyncIterator
from unittest import mock

import httpx2

from conversation_genome import __version__, errors
from conversation_genome.client.transport import error_classes
from conversation_server.app import STATUS, status_of
from conversation_server.middleware import MAX_BODY_BYTES
from tests_ap.unit.server.rig import ALICE, KEY, SERVER, URL, ServerCase, record, submission, tasks_of

ADMINISTRATOR = {"authorization": f"Bearer {KEY}"}


class EdgeTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.http = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(self.http.aclose)

    async def test_every_failure_is_a_problem_with_the_requests_id(self) -> None:
        for method, path, status, code in (
            ("GET", "/nowhere", 404, "not_found"),
            ("PATCH", "/v1/leases", 405, "bad_input"),
            ("GET", "/v1/conversations?limit=0", 422, "bad_input"),
            ("GET", "/v1/conversations?state=asleep", 422, "bad_input"),
            ("GET", "/v1/search", 422, "bad_input"),
            ("GET", "/v1/conversations/nothing", 404, "not_found"),
        ):
            response = await self.http.request(method, path, headers=ADMINISTRATOR)
            problem = response.json()
            self.assertEqual((response.status_code, problem["code"]), (status, code), path)
            self.assertEqual(problem["request_id"], response.headers["x-request-id"])

    async def test_a_request_keeps_the_id_that_it_brings_if_it_is_harmless(self) -> None:
        for given, is_kept in (("window-7", True), ("two words", False), ("x" * 65, False)):
            response = await self.http.get("/healthz", headers={"x-request-id": given})
            self.assertEqual(response.headers["x-request-id"] == given, is_kept, given)

    async def test_a_body_that_is_too_large_is_refused_before_it_is_parsed(self) -> None:
        body = b"[" * (MAX_BODY_BYTES + 1)
        headers = ALICE.headers(method="POST", path="/v1/leases", body=body, receiver=SERVER.hotkey)
        response = await self.http.post("/v1/leases", content=body, headers=headers)
        self.assertEqual((response.status_code, response.json()["code"]), (413, "request_too_large"))

    async def test_a_body_without_an_announced_length_is_bounded_too(self) -> None:
        sent = 0

        async def endless() -> AsyncIterator[bytes]:
            nonlocal sent
            while sent < 50 * MAX_BODY_BYTES:
                sent += 100_000
                yield b"x" * 100_000

        headers = ALICE.headers(method="POST", path="/v1/leases", body=b"", receiver=SERVER.hotkey)
        response = await self.http.post("/v1/leases", content=endless(), headers=headers)
        self.assertEqual(response.status_code, 413)
        self.assertLessEqual(sent, 2 * MAX_BODY_BYTES)

    async def test_a_failure_of_the_server_shows_nothing_of_its_inside(self) -> None:
        with mock.patch.object(self.index, "search", side_effect=RuntimeError("the inside")):
            response = await self.http.get("/v1/search?q=cheese", headers=ADMINISTRATOR)
        self.assertEqual((response.status_code, response.json()["code"]), (500, "internal_error"))
        self.assertNotIn("inside", response.text)
        logged = [entry for entry in self.log if entry["log_level"] == "error"]
        self.assertEqual([(entry["event"], entry["exc_info"]) for entry in logged], [("a request failed", True)])

    async def test_no_key_and_no_signature_is_in_the_log_or_the_numbers(self) -> None:
        await self.completed()
        numbers = (await self.http.get("/metrics")).text
        for secret in (KEY, "Bearer", ALICE.hotkey, "0x"):
            self.assertNotIn(secret, numbers)
            self.assertNotIn(secret, str(self.log))

    async def test_the_numbers_name_routes_by_their_template(self) -> None:
        bundle = await self.completed(record("first"))
        await self.http.get("/surely/not/there")
        numbers = (await self.http.get("/metrics")).text
        self.assertIn('route="/v1/leases/{lease_id}/complete"', numbers)
        self.assertIn('cgp_conversations{state="published"} 1.0', numbers)
        self.assertIn('cgp_submissions_total{agrees="false",outcome="scored"} 1.0', numbers)
        self.assertIn('route="unknown",status="404"', numbers)
        for sent in (bundle.lease_id, "surely"):
            self.assertNotIn(sent, numbers)

    async def test_a_body_that_is_too_large_is_named_so_by_routes_that_have_it_parsed(self) -> None:
        headers = ADMINISTRATOR | {"content-type": "application/json"}
        response = await self.http.post("/v1/keys", content=b"[" * (MAX_BODY_BYTES + 1), headers=headers)
        self.assertEqual((response.status_code, response.json()["code"]), (413, "request_too_large"))

    async def test_a_compressed_body_is_refused_before_it_is_unpacked(self) -> None:
        bomb = gzip.compress(b" " * 50_000_000)
        for path, encoding in (("/v1/conversations", "br"), ("/v1/conversations", "gzip, gzip"), ("/v1/keys", "gzip")):
            headers = ADMINISTRATOR | {"content-encoding": encoding, "content-type": "application/json"}
            response = await self.http.post(path, content=bomb, headers=headers)
            self.assertEqual((response.status_code, response.json()["code"]), (415, "encoding_refused"), path)
            self.assertIn("send it as it is", response.json()["message"])

    async def test_every_answer_keeps_a_browser_safe(self) -> None:
        for path in ("/healthz", "/nowhere", "/v1/stats", "/openapi.json"):
            headers = (await self.http.get(path)).headers
            self.assertEqual(headers["x-content-type-options"], "nosniff")
            self.assertEqual(headers["referrer-policy"], "no-referrer")
            self.assertIn("default-src 'none'; frame-ancestors 'none'", headers["content-security-policy"])
            self.assertNotIn("strict-transport-security", headers)

    async def test_behind_tls_the_browser_is_told_to_stay_there(self) -> None:
        transport = httpx2.ASGITransport(app=self.app)
        async with httpx2.AsyncClient(base_url="https://server", transport=transport) as http:
            self.assertIn("max-age=", (await http.get("/healthz")).headers["strict-transport-security"])
        told = await self.http.get("/healthz", headers={"x-forwarded-proto": "https"})
        self.assertNotIn("strict-transport-security", told.headers)  # no proxy is trusted here

    async def test_the_version_is_nobodys_business(self) -> None:
        for path in ("/healthz", "/readyz", "/metrics", "/openapi.json", "/nowhere"):
            response = await self.http.get(path)
            self.assertNotIn(__version__, response.text + str(response.headers), path)
            self.assertNotIn("server", response.headers)

    async def test_health_and_readiness_are_open(self) -> None:
        self.assertEqual((await self.http.get("/healthz")).json(), {"status": "alive"})
        ready = await self.http.get("/readyz")
        self.assertEqual(ready.json(), {"status": "ready", "hotkey": SERVER.hotkey})

    async def test_it_is_not_ready_when_the_merging_has_ended(self) -> None:
        assert self.server._merging is not None
        self.server._merging.cancel()
        await self.server.merger.merge_next()
        while not self.server._merging.done():
            await self.server.merger.merge_next()
        self.assertEqual((await self.http.get("/readyz")).status_code, 503)

    async def test_openapi_describes_the_signed_bodies(self) -> None:
        document = (await self.http.get("/openapi.json")).json()
        body = document["paths"]["/v1/submissions"]["post"]["requestBody"]
        self.assertIn("miner_hotkey", body["content"]["application/json"]["schema"]["properties"])

    async def test_a_late_answer_is_a_409(self) -> None:
        bundle = await self.leased()
        self.clock.now += 61.0
        body = submission(bundle, tasks_of(bundle)[0]).model_dump_json().encode()
        headers = ALICE.headers(method="POST", path="/v1/submissions", body=body, receiver=SERVER.hotkey)
        response = await self.http.post("/v1/submissions", content=body, headers=headers)
        self.assertEqual((response.status_code, response.json()["code"]), (409, "lease_expired"))


class StatusTest(unittest.TestCase):
    def test_every_error_has_a_status(self) -> None:
        for error in error_classes().values():
            self.assertIn(status_of(error), (401, 403, 404, 409, 413, 415, 422, 429, 500, 503), error)

    def test_the_nearest_class_decides(self) -> None:
        self.assertEqual(status_of(errors.RecordError), STATUS[errors.InputError])
        self.assertEqual(status_of(errors.LeaseNotFoundError), 404)
        self.assertEqual(status_of(errors.StaleMetagraphError), 503)

    def test_the_client_raises_the_class_that_the_server_names(self) -> None:
        classes = error_classes()
        self.assertIs(classes["lease_expired"], errors.LeaseExpiredError)
        self.assertIs(classes["request_too_large"], errors.RequestTooLargeError)

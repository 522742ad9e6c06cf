"""Lane: the calls of validators go past FastAPI's routing, and are answered as it would answer them."""

from typing import Any

import httpx2

from conversation_genome.protocol.messages import LeaseRequest
from conversation_server.routes.lane import ENDPOINTS, Lane
from tests_ap.unit.server.rig import ALICE, SERVER, URL, ServerCase, record, submission, tasks_of, truth_of

REQUEST_ID = "f" * 16


class LaneTest(ServerCase):
    async def test_each_of_its_routes_is_found_by_its_path(self) -> None:
        lane = Lane(self.app, refusal=_never)
        found = {
            lane._find({"method": method, "path": path}).route.endpoint
            for method, path in (
                ("POST", "/v1/leases"),
                ("POST", "/v1/leases/one/renew"),
                ("PUT", "/v1/leases/one/ground-truth"),
                ("POST", "/v1/leases/one/complete"),
                ("POST", "/v1/submissions"),
            )
        }
        self.assertEqual(found, ENDPOINTS)

    async def test_everything_else_is_fastapis(self) -> None:
        lane = Lane(self.app, refusal=_never)
        for method, path in (
            ("GET", "/v1/leases"),
            ("POST", "/v1/leases/"),
            ("DELETE", "/v1/leases/one"),
            ("POST", "/v1/leases/one/two/renew"),
            ("POST", "/console/v1/leases"),
            ("GET", "/v1/stats"),
        ):
            self.assertIsNone(lane._find({"method": method, "path": path}), (method, path))

    async def test_both_ways_answer_alike(self) -> None:
        await self.admin.import_records([record("first"), record("second", lines=30)])
        bundle = await self.alice.lease()
        assert bundle is not None
        truth = truth_of(bundle).model_dump_json().encode()
        answer = submission(bundle, tasks_of(bundle)[0]).model_dump_json().encode()
        asked = (
            ("POST", f"/v1/leases/{bundle.lease_id}/renew", b""),
            ("PUT", f"/v1/leases/{bundle.lease_id}/ground-truth", truth),
            ("PUT", f"/v1/leases/{bundle.lease_id}/ground-truth", b'{"engine": 1}'),
            ("POST", "/v1/submissions", answer),
            ("POST", "/v1/submissions", b"no JSON"),
            ("POST", "/v1/leases", LeaseRequest(holding=(), task_types=("strange",)).model_dump_json().encode()),
            ("POST", "/v1/leases", b""),
            ("POST", "/v1/leases/%7Blease_id%7D/renew", b""),
            ("POST", "/v1/leases/nobody/complete", b""),
        )
        for method, path, body in asked:
            by_lane, by_fastapi = [await self.ask(method, path, body, root) for root in ("", "/elsewhere")]
            self.assertEqual(by_lane[:2], by_fastapi[:2], (method, path))
            self.assertEqual(_steady(by_lane[2]), _steady(by_fastapi[2]), (method, path))

    async def test_a_call_without_a_signature_is_refused_on_both(self) -> None:
        for root in ("", "/elsewhere"):
            status, kind, problem = await self.ask("POST", "/v1/leases", b"", root, is_signed=False)
            self.assertEqual((status, kind, problem["code"]), (401, "application/json", "not_authenticated"))

    async def ask(
        self, method: str, path: str, body: bytes, root_path: str, *, is_signed: bool = True
    ) -> tuple[int, str, dict[str, Any]]:
        """Return status, type and content of an answer; under a root path of its own FastAPI finds the route."""
        headers = ALICE.headers(method=method, path=path, body=body, receiver=SERVER.hotkey) if is_signed else {}
        transport = httpx2.ASGITransport(app=self.app, root_path=root_path)
        async with httpx2.AsyncClient(base_url=URL, transport=transport) as http:
            response = await http.request(method, path, content=body, headers={**headers, "x-request-id": REQUEST_ID})
        return response.status_code, response.headers["content-type"], response.json()


async def _never(*_: object) -> Any:
    raise AssertionError


def _steady(content: dict[str, Any]) -> dict[str, Any]:
    """Return what does not change from one time to the next."""
    return {name: value for name, value in content.items() if name not in ("expires_at", "is_duplicate", "lease_id")}

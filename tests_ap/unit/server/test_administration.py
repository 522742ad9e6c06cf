"""Administration: every route names its scope, every act is written down and stays written."""

from collections.abc import Iterator

import httpx2
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from conversation_genome.protocol.administration import KeyRequest, Scope
from conversation_server.routes import audit, conversations, keys, leases, operations, publications, reads, submissions
from conversation_server.routes.callers import Needs
from conversation_server.services.keys import BOOTSTRAP
from tests_ap.unit.server.rig import KEY, URL, ServerCase, record

KEYED = (conversations, publications, reads, keys, audit)
SIGNED_OR_OPEN = (leases, submissions, operations)
ADMINISTRATOR = {"authorization": f"Bearer {KEY}"}


def routes(*modules: object) -> Iterator[APIRoute]:
    for module in modules:
        yield from (route for route in module.router.routes if isinstance(route, APIRoute))  # type: ignore[attr-defined]


def scopes_of(dependant: Dependant) -> list[Needs]:
    found = [dependant.call] if isinstance(dependant.call, Needs) else []
    return found + [needs for inner in dependant.dependencies for needs in scopes_of(inner)]


class AdministrationCase(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.http = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(self.http.aclose)

    async def key(self, *scopes: Scope) -> dict[str, str]:
        made = await self.server.keys.create(KeyRequest(name="-".join(scopes), scopes=scopes), BOOTSTRAP)
        return {"authorization": f"Bearer {made.key}"}


class AdministrationTest(AdministrationCase):
    def test_every_route_for_keys_names_one_scope(self) -> None:
        for route in routes(*KEYED):
            self.assertEqual(len(scopes_of(route.dependant)), 1, route.path)
        for route in routes(*SIGNED_OR_OPEN):
            self.assertEqual(scopes_of(route.dependant), [], route.path)

    def test_what_changes_something_is_never_public(self) -> None:
        for route in routes(*KEYED):
            if route.methods != {"GET"}:
                self.assertFalse(scopes_of(route.dependant)[0].is_public, route.path)

    async def test_a_key_does_what_its_scopes_say_and_nothing_else(self) -> None:
        for route in routes(*KEYED):
            (needs,) = scopes_of(route.dependant)
            path = route.path.replace("{conversation_id:path}", "x").replace("{hotkey}", "x").replace("{key_id}", "x")
            for scope in Scope:
                response = await self.http.request(min(route.methods), path, headers=await self.key(scope))
                may = scope in (needs.scope, Scope.ADMIN)
                self.assertEqual(response.status_code == 403, not may, (route.path, scope, response.text))

    async def test_labels_are_for_the_administrator_alone(self) -> None:
        await self.admin.import_records([record("first", labels={"mood": "good"})])
        for scope, expected in ((Scope.READ, {}), (Scope.ADMIN, {"mood": "good"})):
            response = await self.http.get("/v1/conversations/first", headers=await self.key(scope))
            self.assertEqual(response.json()["record"]["labels"], expected)

    async def test_every_act_is_written_down_with_its_outcome(self) -> None:
        headers = ADMINISTRATOR | {"x-request-id": "request-7"}
        await self.admin.import_records([record("first")])
        made = (await self.http.post("/v1/keys", json={"name": "n", "scopes": ["read"]}, headers=headers)).json()
        identifier = made["details"]["id"]
        await self.http.post(f"/v1/keys/{identifier}/rotate", json={}, headers=headers)
        await self.http.delete(f"/v1/keys/{identifier}", headers=headers)
        await self.http.post("/v1/publications", headers=headers)
        await self.http.delete("/v1/conversations/first", headers=headers)
        await self.http.delete("/v1/conversations/first", headers=headers)
        await self.http.delete("/v1/conversations/first", headers=await self.key(Scope.IMPORT))
        acts = (await self.admin.acts()).acts
        self.assertEqual(
            [(act.action, act.target, act.key_id == "bootstrap", act.outcome) for act in reversed(acts)],
            [
                ("conversations.import", "", True, "done"),
                ("key.create", "n", True, "done"),
                ("key.rotate", identifier, True, "done"),
                ("key.revoke", identifier, True, "done"),
                ("dataset.publish", "", True, "done"),
                ("conversation.delete", "first", True, "done"),
                ("conversation.delete", "first", True, "not_found"),
                (
                    "DELETE /v1/conversations/{conversation_id:path}",
                    "/v1/conversations/first",
                    False,
                    "permission_denied",
                ),
            ],
        )
        self.assertEqual({act.request_id for act in acts[1:-1]}, {"request-7"})

    async def test_every_route_that_changes_something_writes_an_act(self) -> None:
        for route in routes(*KEYED):
            if route.methods == {"GET"} or route.path.endswith("/known"):
                continue
            before = len((await self.admin.acts()).acts)
            path = route.path.replace("{conversation_id:path}", "x").replace("{key_id}", "x")
            body = {"name": "n", "scopes": ["read"]} if route.path == "/v1/keys" else {}
            await self.http.request(min(route.methods), path, json=body, headers=ADMINISTRATOR)
            self.assertEqual(len((await self.admin.acts()).acts), before + 1, route.path)


class LogTest(AdministrationCase):
    async def test_the_log_of_acts_is_paged_newest_first(self) -> None:
        for number in range(5):
            await self.http.delete(f"/v1/keys/{number}", headers=ADMINISTRATOR)
        first = await self.admin.acts(limit=3)
        second = await self.admin.acts(cursor=first.next_cursor, limit=3)
        self.assertEqual([act.target for act in (*first.acts, *second.acts)], ["4", "3", "2", "1", "0"])
        self.assertIsNone(second.next_cursor)

    async def test_an_act_that_the_server_did_not_survive_is_in_the_log_without_an_outcome(self) -> None:
        await self.server.audit._begin(BOOTSTRAP, "conversation.delete", "first", "r")
        await self.life.aclose()
        await self.start()
        page = await self.server.audit.page(cursor=None, limit=5)
        self.assertEqual([(one.target, one.outcome, one.ended_at) for one in page.acts], [("first", None, None)])

    async def test_the_database_itself_refuses_to_change_the_log(self) -> None:
        await self.http.delete("/v1/keys/x", headers=ADMINISTRATOR)
        for statement in (
            "UPDATE acts SET target = 'y'",
            "DELETE FROM acts",
            "UPDATE outcomes SET outcome = 'done'",
            "DELETE FROM outcomes",
        ):
            with self.assertRaisesRegex(DBAPIError, "append-only"):
                async with self.server.write() as work:
                    await work.session.execute(text(statement))
        self.assertEqual([act.target for act in (await self.admin.acts()).acts], ["x"])

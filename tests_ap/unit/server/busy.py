"""A busy run of a server that logs for real, with failures of every kind provoked.

`python -m tests_ap.unit.server.busy FORM` logs to standard error in that form and prints two JSON lines: the secrets
that were used, and everything that the server answered. A process of its own, for the way to log is set for good.
"""

import json
import sys
import unittest
from typing import Any, ClassVar
from unittest import mock

import httpx2

from conversation_genome.errors import ConversationGenomeError
from conversation_genome.process import configure_logging
from conversation_genome.protocol.administration import KeyRequest, KeyRotation, Scope
from conversation_genome.protocol.messages import LeaseRequest
from conversation_server.services.keys import BOOTSTRAP
from tests_ap.unit.server.rig import ALICE, KEY, SERVER, URL, ServerCase, record

FORM = sys.argv[1] if __name__ == "__main__" else "json"


class BusyRun(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_key_requests_per_minute": 30}

    async def test_run(self) -> None:
        configure_logging("debug", "json" if FORM == "json" else "console")
        self.secrets = [KEY, self.server_settings().server_admin_key_sha256.get_secret_value()]
        self.answers: list[str] = []
        self.http = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(self.http.aclose)
        await self.work_with_keys()
        await self.fail_inside()
        await self.forge_signatures()
        await self.fail_merging()
        await self.flood()
        await self.ask("GET", "/metrics")
        print(json.dumps(self.secrets))
        print(json.dumps(self.answers))

    async def ask(self, method: str, path: str, key: str = "", **arguments: Any) -> None:
        headers = arguments.pop("headers", {}) | (
            {"authorization": f"Bearer {key}", "cookie": f"k={key}"} if key else {}
        )
        response = await self.http.request(method, path, headers=headers, **arguments)
        self.answers.append(response.text + str(response.headers))

    async def work_with_keys(self) -> None:
        """Make, rotate, expire and revoke keys, and use them where they may be used and where not."""
        request = KeyRequest(name="busy", scopes=(Scope.READ,), lifetime_seconds=60.0)
        made = await self.server.keys.create(request, BOOTSTRAP)
        rotated = await self.server.keys.rotate(made.details.id, KeyRotation(overlap_seconds=30.0))
        for secret in (made.key, rotated.key):
            self.secrets += [secret, secret.split("_", 2)[2]]
            await self.ask("GET", "/v1/stats", secret)
            await self.ask("POST", "/v1/keys", secret, json={"name": "n", "scopes": ["admin"]})
        await self.ask("GET", "/v1/keys", KEY)
        await self.ask("GET", "/v1/audit", KEY)
        await self.ask("POST", "/v1/keys", KEY, content=b"{broken", headers={"content-type": "application/json"})
        self.clock.now += 61.0
        await self.ask("GET", "/v1/stats", rotated.key)
        await self.ask("GET", "/v1/stats", "a key that is wrong")
        self.secrets.append("a key that is wrong")

    async def fail_inside(self) -> None:
        """Let the search, the check of keys and the database fail while they hold a key in their hands."""
        key = (await self.server.keys.create(KeyRequest(name="n", scopes=(Scope.ADMIN,)), BOOTSTRAP)).key
        self.secrets += [key, key.split("_", 2)[2]]
        with mock.patch.object(self.index, "search", side_effect=RuntimeError("the index is broken")):
            await self.ask("GET", "/v1/search?q=cheese", key)
        with mock.patch("conversation_server.db.keys.with_id", side_effect=RuntimeError("the table is broken")):
            await self.ask("GET", "/v1/stats", key)
        for table in ("tags", "api_keys"):
            await self.rename(table, f"{table}_away")
            await self.ask("GET", "/v1/tags", key)
            await self.ask("POST", "/v1/keys", KEY, json={"name": "unlucky", "scopes": ["read"]})
            await self.rename(f"{table}_away", table)

    async def rename(self, table: str, name: str) -> None:
        async with self.server.write() as work:
            connection = await work.session.connection()
            await connection.exec_driver_sql(f"ALTER TABLE {table} RENAME TO {name}")

    async def forge_signatures(self) -> None:
        """Sign rightly, wrongly, twice, and while the nonces cannot be stored."""
        body = LeaseRequest().model_dump_json().encode()
        for change in ({}, {"X-Bittensor-Nonce": "1"}, {"X-Bittensor-Signature": "0x" + "00" * 64}):
            headers = ALICE.headers(method="POST", path="/v1/leases", body=body, receiver=SERVER.hotkey)
            self.secrets.append(headers["X-Bittensor-Signature"])
            for _ in range(2):
                await self.ask("POST", "/v1/leases", content=body, headers={**headers, **change})
        headers = ALICE.headers(method="POST", path="/v1/leases", body=body, receiver=SERVER.hotkey)
        self.secrets.append(headers["X-Bittensor-Signature"])
        await self.rename("nonces", "nonces_away")
        await self.ask("POST", "/v1/leases", content=body, headers=headers)
        await self.rename("nonces_away", "nonces")

    async def fail_merging(self) -> None:
        self.index.broken = True
        await self.completed(record("first"))
        with mock.patch.object(self.index, "delete", side_effect=RuntimeError("the disk is full")):
            await self.ask("DELETE", "/v1/conversations/first", KEY)

    async def flood(self) -> None:
        for _ in range(40):
            try:
                await self.admin.stats()
            except ConversationGenomeError as exc:
                self.answers.append(str(exc))


if __name__ == "__main__":
    unittest.main(argv=["busy"], exit=True)

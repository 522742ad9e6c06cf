"""`cgp keys` against a server on loopback, and what the routes behind it show and record."""

import asyncio
import contextlib
import json
from typing import Any

from typer.testing import CliRunner, Result

from conversation_genome.cli.app import app as cgp
from conversation_genome.errors import AuthenticationError, InputError, NotFoundError
from conversation_genome.process import bound_socket
from conversation_genome.role import WebServer
from tests_ap.unit.server.rig import KEY, ServerCase


class KeysVerbTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        listener = self.enterContext(contextlib.closing(bound_socket("127.0.0.1", 0)))
        listener.listen(8)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        web = WebServer(self.app, stop_seconds=1, takes_signals=False)
        serving = asyncio.create_task(web.serve(sockets=[listener]))

        async def stop() -> None:
            web.should_exit = True
            await serving

        self.addAsyncCleanup(stop)

    async def cgp(self, *arguments: str, key: str = KEY) -> Result:
        runner, environment = CliRunner(), {"CGP_API_KEY": key}
        given = ["keys", *arguments, "--server", self.address]
        return await asyncio.to_thread(lambda: runner.invoke(cgp, given, env=environment))

    async def json(self, *arguments: str) -> Any:
        result = await self.cgp(*arguments, "--json")
        self.assertEqual(result.exit_code, 0, result.output)
        return json.loads(result.stdout)

    async def test_a_key_is_made_used_rotated_and_revoked(self) -> None:
        made = await self.cgp("create", "a reader", "--scope", "read", "--expires-in", "90d")
        key = made.stdout.strip()
        self.assertRegex(key, r"^cgp_[0-9a-f]{12}_[\w-]{43}$")
        self.assertRegex(made.stderr, "a reader.* may read, until .* not shown again")
        reader = self.administrator(key)
        await reader.stats()
        identifier = (await self.json("list"))["keys"][0]["id"]
        rotated = (await self.json("rotate", identifier, "--overlap", "0s"))["key"]
        with self.assertRaises(AuthenticationError):
            await reader.stats()
        await self.administrator(rotated).stats()
        self.assertIn("is revoked", (await self.cgp("revoke", identifier)).stderr)
        with self.assertRaisesRegex(AuthenticationError, "revoked"):
            await self.administrator(rotated).stats()

    async def test_the_list_shows_everything_but_the_secret(self) -> None:
        made = await self.json("create", "the import", "--scope", "import", "--scope", "publish")
        listed = await self.cgp("list")
        for word in ("the import", "import,publish", made["details"]["id"], "good", "never"):
            self.assertIn(word, listed.stdout)
        self.assertNotIn(made["key"].split("_", 2)[2], listed.stdout + str(await self.json("list")))

    async def test_what_is_wrong_is_said_in_one_sentence(self) -> None:
        for arguments, error, sentence in (
            (("create", "x", "--scope", "everything"), InputError, "'everything' is no scope"),
            (("create", "", "--scope", "read"), InputError, "cannot be made"),
            (("create", "x", "--scope", "read", "--expires-in", "soon"), InputError, "'soon' is no time"),
            (("rotate", "nothing", "--overlap", "9000d"), InputError, "cannot be rotated"),
            (("revoke", "nothing"), NotFoundError, "there is no API key 'nothing'"),
        ):
            result = await self.cgp(*arguments)
            self.assertIsInstance(result.exception, error, arguments)
            self.assertIn(sentence, str(result.exception))
        self.assertIn("CGP_API_KEY is not set", str((await self.cgp("list", key="")).exception))

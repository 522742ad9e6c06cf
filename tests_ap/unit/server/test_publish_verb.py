"""`cgp publish` from a server on loopback."""

import asyncio
import contextlib
import json
from unittest import mock

from pyarrow import parquet
from typer.testing import CliRunner, Result

from conversation_genome.cli.app import app as cgp
from conversation_genome.errors import AuthenticationError, InputError
from conversation_genome.process import bound_socket
from conversation_genome.role import WebServer
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.server.rig import KEY, ServerCase, record


class PublishVerbTest(ServerCase):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.enterContext(
            mock.patch("conversation_genome.embedding.loading.load_embedder", return_value=HashEmbedder())
        )
        listener = self.enterContext(contextlib.closing(bound_socket("127.0.0.1", 0)))
        listener.listen(8)
        self.address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        web = WebServer(self.app, stop_seconds=1, takes_signals=False)
        serving = asyncio.create_task(web.serve(sockets=[listener]))

        async def stop() -> None:
            web.should_exit = True
            await serving

        self.addAsyncCleanup(stop)

    async def publish(self, *arguments: str, key: str = KEY) -> Result:
        given = ["publish", "--out", str(self.folder / "out"), "--server", self.address, *arguments]
        environment = {"CGP_API_KEY": key}
        return await asyncio.to_thread(lambda: CliRunner().invoke(cgp, given, env=environment))

    async def test_what_is_published_comes_into_a_folder_and_what_is_left_out_is_said(self) -> None:
        await self.completed(record("first"), record("second", license="all rights reserved"))
        await self.completed()
        result = await self.publish("--json")
        self.assertEqual(result.exit_code, 0, result.output)
        summary = json.loads(result.stdout)
        self.assertEqual(summary["conversations"], 1)
        self.assertEqual(
            [(one["statement"], one["conversations"]) for one in summary["left_out"]], [("all rights reserved", 1)]
        )
        self.assertEqual(parquet.read_table(self.folder / "out" / "conversations").column("id").to_pylist(), ["first"])
        self.assertIn("left out: 1 of ", (await self.publish()).stderr)

    async def test_a_deleted_conversation_is_gone_from_the_next_publication(self) -> None:
        await self.completed(record("first"), record("second"))
        await self.completed()
        await self.publish()
        await self.admin.delete("first")
        result = await self.publish("--original-columns")
        self.assertEqual(result.exit_code, 0, result.output)
        table = parquet.read_table(self.folder / "out" / "conversations")
        self.assertEqual(table.column("c_guid").to_pylist(), ["second"])

    async def test_what_is_wrong_is_said_in_one_sentence(self) -> None:
        for key, error, sentence in (("", InputError, "CGP_API_KEY is not set"), ("wrong", AuthenticationError, "")):
            result = await self.publish(key=key)
            self.assertIsInstance(result.exception, error)
            self.assertIn(sentence, str(result.exception))


class WithoutServerTest(ServerCase):
    async def test_a_folder_without_a_local_run_is_named(self) -> None:
        given = ["publish", "--out", str(self.folder / "out"), "--local", str(self.folder / "nothing")]
        result = await asyncio.to_thread(lambda: CliRunner().invoke(cgp, given))
        self.assertIn("holds no local run", str(result.exception))

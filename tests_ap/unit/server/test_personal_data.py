"""Personal data does not leave the server."""

from pathlib import Path
from typing import Any, ClassVar

from pyarrow import parquet

from tests_ap.unit.server.rig import ServerCase, record

SECRETS = ("carla", "mendes", "carla@example.org", "12 baker street", "ada")


def telling() -> dict[str, Any]:
    """Return a conversation that holds what is nobody else's business."""
    one = record("first")
    one["lines"][1] = [1, "Hi Ada, I am Carla Mendes, write to carla@example.org or come to 12 Baker Street."]
    one["participants"] = ["Ada", "Carla Mendes"]
    return one


def written(folder: Path) -> str:
    rows = [str(parquet.read_table(file).to_pylist()) for file in sorted(folder.rglob("*.parquet"))]
    return "\n".join(rows).casefold()


class PublishedTest(ServerCase):
    async def test_nothing_personal_is_published_or_searched(self) -> None:
        await self.completed(telling())
        await self.admin.publish()
        rows = written(self.folder / "dataset")
        self.assertEqual([secret for secret in SECRETS if f"{secret} " in rows or f"'{secret}'" in rows], [])
        self.assertIn("[email_1]", rows)
        self.assertTrue(self.index.records["first"].is_masked)

    async def test_the_administrator_reads_what_was_said(self) -> None:
        await self.completed(telling())
        detail = await self.admin.conversation("first")
        self.assertIn("carla@example.org", detail.record["lines"][1][1])


class PublicTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_public_reads": True}

    async def test_who_has_no_key_reads_placeholders(self) -> None:
        await self.completed(telling())
        detail = await self.administrator("").conversation("first")
        self.assertIn("write to [EMAIL_1] or come to [ADDRESS_1]", detail.record["lines"][1][1])


class OpenTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_mask_published": False}

    async def test_the_operator_may_publish_what_was_said(self) -> None:
        await self.completed(telling())
        await self.admin.publish()
        self.assertIn("carla@example.org", written(self.folder / "dataset"))


class TasksTest(ServerCase):
    settings: ClassVar[dict[str, Any]] = {"server_mask_tasks": True}

    async def test_validators_are_lent_placeholders_and_a_conversation_that_comes_again_is_known(self) -> None:
        bundle = await self.leased(telling())
        self.assertIn("write to [EMAIL_1]", str(bundle.conversation))
        again = await self.admin.import_records([{**telling(), "id": "again"}])
        self.assertEqual((again.imported, again.duplicates), (0, 1))

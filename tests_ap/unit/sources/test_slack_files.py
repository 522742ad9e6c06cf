import json
import zipfile
from pathlib import Path
from typing import Any

from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said


def message(user: str, text: str, ts: str, **more: Any) -> dict[str, Any]:
    return {"type": "message", "user": user, "text": text, "ts": ts, **more}


class SlackTests(SourceTestCase):
    def export(self, files: dict[str, Any]) -> Path:
        path = self.folder / "export.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, value in files.items():
                archive.writestr(name, value if isinstance(value, bytes) else json.dumps(value))
        return path

    def test_an_export_gives_one_conversation_a_channel_over_all_days(self) -> None:
        users = [{"id": "U1", "profile": {"display_name": "Ana"}}, {"id": "U2", "name": "bo"}]
        path = self.export(
            {
                "users.json": users,
                "channels.json": [],
                "general/2025-01-02.json": [
                    message("U2", "two <@U1> <https://x.example|site> &amp; co", "1735776060.0001")
                ],
                "general/2025-01-01.json": [
                    message("U1", "one", "1735776000.0001"),
                    message("U1", "x", "1735776001.0", subtype="channel_join"),
                ],
                "random/2025-01-01.json": [message("U2", "hi", "1735776000.5")],
                "empty/2025-01-01.json": [],
            }
        )
        general, random = read_source(path)
        self.assertEqual(said(general), [("Ana", "one"), ("bo", "two @Ana site & co")])
        self.assertEqual((said(random), random.source), ([("bo", "hi")], "slack"))
        self.assertEqual(general.lines[1].at, 60.0)

    def test_what_stands_in_blocks_or_attachments_alone_is_said(self) -> None:
        section = {
            "type": "rich_text_section",
            "elements": [{"type": "text", "text": "see "}, {"type": "user", "user_id": "U1"}],
        }
        blocks = [
            {"type": "rich_text", "elements": [section]},
            {"type": "section", "text": {"type": "mrkdwn", "text": "and this"}},
        ]
        attachments = [{"fallback": "build failed"}]
        messages = [
            message("U1", "", "1735776000.0", blocks=blocks),
            message("U2", "", "1735776001.0", subtype="bot_message", attachments=attachments),
            message("U2", "<!subteam^S1|@ops> <!date^1392734382^{date}|Feb 18> <!here>", "1735776002.0"),
        ]
        path = self.export({"users.json": [{"id": "U1", "name": "ana"}], "c/2025-01-01.json": messages})
        expected = [("ana", "see @ana and this"), ("U2", "build failed"), ("U2", "@ops Feb 18 @here")]
        self.assertEqual(said(self.only(path)), expected)

    def test_blocks_that_are_broken_or_nested_without_end_break_nothing(self) -> None:
        nested: dict[str, Any] = {"text": "deep"}
        for _ in range(50):
            nested = {"type": "rich_text", "elements": [nested, None, 7]}
        messages = [message("U1", "", "1735776000.0", blocks=[nested, "x", None]), message("U1", "hi", "1735776001.0")]
        self.assertEqual(said(self.only(self.export({"c/2025-01-01.json": messages}))), [("U1", "hi")])

    def test_a_channels_json_alone_is_read(self) -> None:
        path = self.json_file(
            "general.json", [message("U1", "hi", "1735776000.0001", user_profile={"real_name": "Ana R"})]
        )
        self.assertEqual(detect(path), "slack")
        self.assertEqual(said(self.only(path)), [("Ana R", "hi")])

    def test_a_zip_bomb_is_refused_before_it_is_unpacked(self) -> None:
        path = self.export({"general/2025-01-01.json": b" " * 50_000_000})
        with self.assertRaisesRegex(InputError, r"unpacks from .* to 50,000,000 bytes, which is refused"):
            list(read_source(path))

    def test_a_zip_of_something_else_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "without a word of a Slack channel"):
            list(read_source(self.export({"photos/list.txt": b"x"})))

    def test_a_broken_day_does_not_hide_the_other_channels(self) -> None:
        path = self.export({"a/1.json": b"{oops", "b/1.json": [message("U1", "hi", "1735776000.0")]})
        faults: list[InputError] = []
        self.assertEqual([said(c) for c in read_source(path, on_fault=faults.append)], [[("U1", "hi")]])
        self.assertIn("export.zip!a/1.json:1: not JSON", str(faults[0]))

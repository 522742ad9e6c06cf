from datetime import UTC, datetime
from typing import Any
from unittest import mock

from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources import json_stream
from conversation_genome.sources.registry import read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

ANA = {"id": "11", "name": "ana_r", "nickname": "Ana", "isBot": False}
BO = {"id": "22", "name": "bo", "nickname": None, "isBot": False}


def message(author: dict[str, Any], content: str | None, minute: int = 0, **more: Any) -> dict[str, Any]:
    stamp = f"2025-02-11T20:{minute:02d}:00.5000000+01:00"  # seven digits, as .NET writes them
    return {
        "id": "1",
        "type": "Default",
        "timestamp": stamp,
        "content": content,
        "author": author,
        "mentions": [],
        **more,
    }


def channel(*messages: Any) -> dict[str, Any]:
    return {"guild": {"name": "Rockets"}, "channel": {"name": "netcode"}, "messages": list(messages)}


class DiscordTests(SourceTestCase):
    def test_nicknames_times_and_the_channel_are_kept(self) -> None:
        conversation = self.only(self.json_file("d.json", channel(message(ANA, "hi"), message(BO, "ho", 2))))
        self.assertEqual(said(conversation), [("Ana", "hi"), ("bo", "ho")])
        self.assertEqual(conversation.started_at, datetime(2025, 2, 11, 19, 0, 0, 500_000, tzinfo=UTC))
        self.assertEqual([line.at for line in conversation.lines], [0.0, 120.0])
        self.assertEqual(conversation.labels, {"guild": "Rockets", "channel": "netcode"})

    def test_mentions_custom_emoji_and_marks_are_written_as_people_read_them(self) -> None:
        text = "<@22> and <@!11> in <#5>: ||boo|| <:soup:99> <a:spin:98> **bold** <t:0> <@33>"
        conversation = self.only(self.json_file("d.json", channel(message(ANA, text, mentions=[BO]), message(BO, "?"))))
        self.assertEqual(conversation.lines[0].text, "@bo and @Ana in #channel: boo :soup: :spin: bold @someone")

    def test_joins_deleted_messages_and_bots_fall_out_and_edited_ones_stay(self) -> None:
        bot = {"id": "9", "name": "SoupBot", "isBot": True}
        messages = [
            message(BO, "Joined the server.", type="GuildMemberJoin"),
            message(ANA, "edited", timestampEdited="2025-02-11T21:00:00+00:00"),
            message(BO, "[deleted]"),
            message(bot, "build failed"),
            message(ANA, None),
        ]
        self.assertEqual(said(self.only(self.json_file("d.json", channel(*messages)))), [("Ana", "edited")])

    def test_a_message_without_author_is_named_by_its_place_and_may_be_passed_over(self) -> None:
        path = self.json_file("d.json", channel(message(ANA, "hi"), {"content": "who"}, 7, message(BO, "ho")))
        with self.assertRaisesRegex(RecordError, r"d\.json:1: messages\[1\] has no author"):
            list(read_source(path))
        faults: list[InputError] = []
        self.assertEqual(len(next(read_source(path, on_fault=faults.append)).lines), 2)
        self.assertEqual(len(faults), 2)

    def test_an_export_that_was_cut_off_keeps_what_is_there_if_that_is_wanted(self) -> None:
        whole = self.json_file("d.json", channel(message(ANA, "hi"), message(BO, "ho"))).read_text()
        path = self.file("cut.json", whole[: whole.rindex("author")])
        with self.assertRaisesRegex(
            RecordError, r"cut\.json:1: not JSON from here on .* or the file ends in the middle"
        ):
            list(read_source(path))
        faults: list[InputError] = []
        self.assertEqual(said(next(read_source(path, on_fault=faults.append))), [("Ana", "hi")])
        self.assertEqual(len(faults), 1)

    def test_an_export_is_read_alike_in_pieces_of_any_size(self) -> None:
        text = 'a "messages": [{"x": 1}] }], \\ \u2028 é 🚀'
        path = self.json_file("d.json", channel(*(message(ANA, f"{text} {n}", n) for n in range(9))))
        whole = self.only(path)
        for size in (1, 7, 64, 1000):
            with mock.patch.object(json_stream, "CHUNK_CHARACTERS", size):
                self.assertEqual(self.only(path).content_hash, whole.content_hash)

    def test_an_export_of_another_shape_is_refused_with_the_remedy(self) -> None:
        with self.assertRaisesRegex(RecordError, "no list 'messages'; export the channel again"):
            list(read_source(self.json_file("d.json", {"guild": 1, "channel": 2}), "discord"))

"""Real conversations, written as other programs write them and read back: every speaker and every word survives."""

import json
import re
import tempfile
import unittest
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.environment import ROOT
from tests_ap.integration.sources import renderings
from tests_ap.integration.sources.renderings import Said, said_in

DATA = ROOT.parent / "shared" / "data"
TALKS = 25


@cache
def records(name: str, count: int = TALKS) -> list[dict[str, Any]]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as file:
        return [json.loads(line) for line in islice(file, count)]


def said(conversation: Conversation) -> Said:
    return [(conversation.participants[line.speaker], line.text) for line in conversation.lines]


def without_sounds(lines: Said) -> Said:
    """Return the lines without [laughter], which captions leave out on purpose."""
    plain = ((name, renderings.plain(re.sub(r"\[[^\]]{1,40}\]", " ", text))) for name, text in lines)
    return [(name, text) for name, text in plain if text]


def words_by_speaker(lines: Said) -> list[tuple[str, str]]:
    """Return runs of one speaker as one: captions and segments are joined to sentences."""
    runs: list[tuple[str, str]] = []
    for name, text in lines:
        if runs and runs[-1][0] == name:
            runs[-1] = (name, f"{runs[-1][1]} {text}")
        else:
            runs.append((name, text))
    return [(name, re.sub(r"\s", "", text)) for name, text in runs]


@unittest.skipUnless(DATA.is_dir(), "the shared data sets are not beside this checkout")
class RoundTripTests(unittest.TestCase):
    maxDiff = 2_000

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def read(self, path: Path, kind: str) -> list[Conversation]:
        self.assertEqual(detect(path), kind)
        return list(read_source(path))

    def test_every_shared_file_of_conversations_is_read_line_by_line_as_it_is(self) -> None:
        for path in sorted(DATA.glob("*.jsonl")):
            if path.stem == "pairs_words":
                continue
            with self.subTest(path.stem):
                expected = records(path.stem, 40)
                found = list(islice(read_source(path), 40))
                self.assertEqual([one.id for one in found], [record["id"] for record in expected])
                for one, record in zip(found, expected, strict=True):
                    self.assertEqual(
                        [[line.speaker, line.text] for line in one.lines], [line[:2] for line in record["lines"]]
                    )

    def test_what_is_no_conversation_is_refused_line_by_line(self) -> None:
        faults: list[InputError] = []
        self.assertEqual(list(islice(read_source(DATA / "pairs_words.jsonl", on_fault=faults.append), 1)), [])
        self.assertRegex(str(faults[0]), r"pairs_words\.jsonl:1: 'lines' must be a list")

    def test_podcasts_as_captions_and_as_whisper_writes_them(self) -> None:
        for record in records("podcast_changelog", 6):
            expected = without_sounds(said_in(record))
            for name, write, kind in (
                ("a.vtt", renderings.vtt, "youtube"),
                ("a.srt", renderings.srt, "youtube"),
                ("a.json3", renderings.json3, "youtube"),
                ("a.json", renderings.whisper, "podcast"),
            ):
                with self.subTest(f"{record['id']} {name}"):
                    write(self.folder / name, expected)
                    (found,) = self.read(self.folder / name, kind)
                    self.assertEqual(words_by_speaker(said(found)), words_by_speaker(expected))

    def test_a_feed_gives_every_episode(self) -> None:
        episodes = records("podcast_changelog", 4)
        for record in episodes:
            renderings.vtt(self.folder / f"{record['id']}.vtt", said_in(record))
        renderings.feed(self.folder / "feed.xml", [record["id"] for record in episodes])
        found = self.read(self.folder / "feed.xml", "podcast")
        self.assertEqual([one.labels["title"] for one in found], [record["id"] for record in episodes])
        for one, record in zip(found, episodes, strict=True):
            self.assertEqual(words_by_speaker(said(one)), words_by_speaker(without_sounds(said_in(record))))

    def test_chats_as_discord_slack_and_x_export_them(self) -> None:
        for name in ("chat_topicalchat", "profiles_casino", "profiles_realpersona_ja"):
            for record in records(name):
                expected = [(who, text) for who, text in said_in(record) if "@" not in text and "*" not in text]
                for file, write, kind in (
                    ("a.json", renderings.discord, "discord"),
                    ("a.zip", renderings.slack, "slack"),
                    ("tweets.json", renderings.tweets, "twitter"),
                ):
                    with self.subTest(f"{record['id']} {file}"):
                        write(self.folder / file, expected)
                        (found,) = self.read(self.folder / file, kind)
                        self.assertEqual(said(found), expected)

    def test_chats_as_whatsapp_exports_them_in_both_clocks_and_both_orders(self) -> None:
        forms = ("[%d/%m/%Y, %H:%M:%S] ", "%m/%d/%y, %I:%M %p - ", "%d.%m.%y, %H:%M - ", "[%Y-%m-%d, %I:%M:%S %p] ")
        for record in records("chat_topicalchat"):
            for form in forms:
                with self.subTest(f"{record['id']} {form}"):
                    renderings.whatsapp(self.folder / "chat.txt", said_in(record), form)
                    (found,) = self.read(self.folder / "chat.txt", "whatsapp")
                    self.assertEqual(said(found), said_in(record))
                    self.assertEqual(str(found.started_at)[:16], "2024-02-27 22:30")

    def test_chats_as_a_table_and_as_the_originals_data_set(self) -> None:
        talks = {record["id"]: said_in(record) for record in records("chat_topicalchat")}
        renderings.table(self.folder / "rows.csv", talks)
        renderings.parquet(self.folder / "conversations_train.parquet", talks)
        for name, kind in (("rows.csv", "chat"), ("conversations_train.parquet", "parquet")):
            found = self.read(self.folder / name, kind)
            self.assertEqual([said(one) for one in found], list(talks.values()), name)

    def test_irc_as_five_clients_log_it(self) -> None:
        forms = (
            "[%H:%M] <{name}> ",
            "%H:%M < {name}> ",
            "%Y-%m-%d %H:%M:%S\t{name}\t",
            "%b %d %H:%M:%S <{name}>\t",
            "[%H:%M:%S] <{name}> ",
        )
        for record in records("chat_irc_ubuntu", 8):
            expected = [
                (who, text) for who, text in said_in(record) if who != "*server*" and not text.startswith("===")
            ]
            for form in forms:
                with self.subTest(f"{record['id']} {form}"):
                    renderings.irc(self.folder / "2024-02-27-channel.log", expected, form)
                    (found,) = self.read(self.folder / "2024-02-27-channel.log", "irc")
                    self.assertEqual(said(found), expected)
                    at = found.lines[-1].at
                    self.assertEqual(at, 60.0 * (len(expected) - 1))

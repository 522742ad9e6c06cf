import gzip
import io
import json
import os
import stat
import tracemalloc
import zipfile
from pathlib import Path

from conversation_genome.errors import InputError
from conversation_genome.sources.importing import files_in
from conversation_genome.sources.opening import watched
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

CHAT = "Ana: hi\nBo: ho\n"
WHATSAPP = "12/03/2025, 21:14 - Ana: hi\n"


def packed(files: dict[str, bytes], *, links: dict[str, str] | None = None) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return content.getvalue()


def slack_message(text: str) -> dict[str, str]:
    return {"type": "message", "user": "U1", "text": text, "ts": "1735776000.5"}


class GzipTests(SourceTestCase):
    def test_every_text_may_be_packed(self) -> None:
        for name, text, kind in (
            ("a.txt.gz", CHAT, "chat"),
            ("a.vtt.gz", "WEBVTT\n\n00:01.000 --> 00:02.000\nHello.\n", "youtube"),
            ("a.jsonl.gz", '{"id":"a","participants":["A"],"lines":[[0,"hi"]]}\n', "jsonl"),
            ("a.json.gz", '[{"speaker":"A","text":"b"}]', "chat"),
        ):
            path = self.file(name, gzip.compress(text.encode()))
            self.assertEqual(detect(path), kind)
            self.assertTrue(self.only(path).lines)

    def test_one_that_was_cut_off_keeps_what_is_there(self) -> None:
        text = "".join(f"Ana: {os.urandom(20).hex()}\n" for _ in range(20_000)).encode()
        path = self.file("a.txt.gz", gzip.compress(text)[:-5_000])
        faults: list[InputError] = []
        (conversation,) = read_source(path, on_fault=faults.append)
        self.assertGreater(len(conversation.lines), 15_000)
        self.assertRegex(str(faults[-1]), r"a\.txt\.gz: cannot be unpacked beyond [\d,]+ bytes")

    def test_a_bomb_is_refused_before_it_fills_anything(self) -> None:
        path = self.file(
            "a.jsonl.gz", gzip.compress(b'{"id":"a","participants":["A"],"lines":[[0,"' + b"x" * 200_000_000)
        )
        faults: list[InputError] = []
        tracemalloc.start()
        with self.assertRaises(InputError):
            list(read_source(path, on_fault=faults.append))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        self.assertRegex(str(faults[0]), "unpacks to more than .* which is refused")
        self.assertLess(peak, 150_000_000)


class ZipTests(SourceTestCase):
    def test_names_that_climb_out_of_the_folder_are_only_names(self) -> None:
        day = json.dumps([slack_message("hi")]).encode()
        path = self.file("export.zip", packed({"../../evil/1.json": day, "/etc/cron.d/2.json": day}))
        before = sorted(self.folder.iterdir())
        for conversation in read_source(path, "slack"):
            self.assertRegex(conversation.id, r"^export-(evil|cron-d)-[0-9a-f]{12}$")
        self.assertEqual(sorted(self.folder.iterdir()), before)

    def test_links_are_passed_over(self) -> None:
        day = json.dumps([slack_message("hi")]).encode()
        path = self.file("export.zip", packed({"a/1.json": day}, links={"b/1.json": "/etc/passwd"}))
        self.assertEqual([said(one) for one in read_source(path)], [[("U1", "hi")]])

    def test_a_day_whose_size_is_a_lie_is_named(self) -> None:
        data = bytearray(packed({"a/1.json": json.dumps([slack_message("hi")]).encode() * 50}))
        data[40] ^= 0xFF
        faults: list[InputError] = []
        with self.assertRaises(InputError):
            list(read_source(self.file("export.zip", bytes(data)), "slack", on_fault=faults.append))
        self.assertTrue(str(faults[0] if faults else "export.zip"))

    def test_a_whatsapp_zip_with_its_media_is_read(self) -> None:
        path = self.file("WhatsApp Chat - Ana.zip", packed({"_chat.txt": WHATSAPP.encode(), "a.jpg": b"\xff\xd8"}))
        self.assertEqual(detect(path), "whatsapp")
        self.assertEqual(said(self.only(path)), [("Ana", "hi")])

    def test_the_zip_of_an_account_gives_its_threads_under_its_name(self) -> None:
        tweets = [
            {"tweet": {"id_str": "1", "full_text": "one", "created_at": "Wed Oct 10 20:19:24 +0000 2018"}},
            {"tweet": {"id_str": "2", "full_text": "two 🎻", "in_reply_to_status_id_str": "1"}},
            {"tweet": {"id_str": "3", "full_text": "alone"}},
        ]
        files = {
            "data/tweets.js": ("window.YTD.tweets.part0 = " + json.dumps(tweets)).encode(),
            "data/account.js": b'window.YTD.account.part0 = [{"account": {"accountDisplayName": "Ana"}}]',
            "data/deleted-tweets.js": b"window.YTD.deleted_tweets.part0 = [1]",
        }
        path = self.file("twitter-2025.zip", packed(files))
        self.assertEqual(detect(path), "twitter")
        self.assertEqual(sorted(said(self.only(path))), [("Ana", "one"), ("Ana", "two 🎻")])


class PathTests(SourceTestCase):
    def test_links_inside_a_folder_are_passed_over_and_feeds_come_first(self) -> None:
        (self.folder / "in").mkdir()
        secret = self.file("secret.txt", CHAT)
        (self.folder / "in/link.txt").symlink_to(secret)
        (self.folder / "in/loop").symlink_to(self.folder)
        for name in ("a.txt", "z.xml"):
            self.file(f"in/{name}", CHAT)
        self.assertEqual([path.name for path in files_in([self.folder / "in"])], ["z.xml", "a.txt"])

    def test_a_pipe_is_refused_and_not_waited_for(self) -> None:
        os.mkfifo(self.folder / "pipe")
        with self.assertRaisesRegex(InputError, "is a pipe or a device"):
            list(read_source(self.folder / "pipe"))

    def test_progress_tells_how_far_a_file_was_read(self) -> None:
        path = self.file("c.txt", CHAT * 50_000)
        told: list[tuple[Path, int]] = []
        with watched(lambda where, position: told.append((where, position))):
            list(read_source(path))
        self.assertEqual(max(told, key=lambda one: one[1]), (path, path.stat().st_size))

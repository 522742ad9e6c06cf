import json

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

VTT = "WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ana>{}, dear listeners of this show.\n"


def item(title: str, *urls: str, date: str = "Wed, 12 Mar 2025 21:14:05 +0100") -> str:
    marks = "".join(f'<podcast:transcript url="{url}" type="text/vtt"/>' for url in urls)
    return f"<item>\n<title>{title}</title><pubDate>{date}</pubDate>{marks}</item>\n"


def feed(*items: str, head: str = "") -> str:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<rss version="2.0" '
        'xmlns:podcast="https://podcastindex.org/namespace/1.0" '
        'xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">\n'
        f"<channel><title>Bees &amp; Boats</title>\n<itunes:image href='x'/>{''.join(items)}</channel></rss>"
    )


class FeedTests(SourceTestCase):
    def read(self, text: str) -> tuple[list[Conversation], list[InputError]]:
        faults: list[InputError] = []
        return list(read_source(self.file("feed.xml", text), on_fault=faults.append)), faults

    def test_each_episode_is_read_from_beside_the_feed_with_its_title_show_and_date(self) -> None:
        self.file("one.vtt", VTT.format("Hi"))
        (conversation,), faults = self.read(
            feed(item("🐝 On <![CDATA[bees & co]]>", "https://x.example/t/one.vtt?a=b"))
        )
        self.assertEqual((conversation.source, faults), ("podcast", []))
        self.assertEqual(said(conversation), [("Ana", "Hi, dear listeners of this show.")])
        self.assertEqual(conversation.labels, {"title": "🐝 On bees & co", "show": "Bees & Boats"})
        self.assertEqual(str(conversation.started_at), "2025-03-12 20:14:05+00:00")
        self.assertRegex(conversation.id, r"^feed-on-bees-co-[0-9a-f]{12}$")

    def test_dates_name_their_zone_as_feeds_do(self) -> None:
        self.file("one.vtt", VTT.format("Hi"))
        for date in ("Wed, 12 Mar 2025 20:14:05 GMT", "Wed, 12 Mar 2025 16:14:05 EDT", "12 Mar 2025 20:14:05 +0000"):
            (conversation,), _ = self.read(feed(item("On bees", "https://x.example/one.vtt", date=date)))
            self.assertEqual(str(conversation.started_at), "2025-03-12 20:14:05+00:00")

    def test_scripts_in_a_transcript_are_not_said(self) -> None:
        self.file("u.html", "<cite>Ana:</cite><p>Hi<script>alert(1)</script></p><style>p{}</style><p>Ho</p>")
        (conversation,), _ = self.read(feed(item("2", "http://x/u.html")))
        self.assertEqual(said(conversation), [("Ana", "Hi"), ("Ana", "Ho")])

    def test_transcripts_of_one_name_are_told_apart_by_their_folders(self) -> None:
        for number in (1, 2):
            (self.folder / f"x.example/{number}").mkdir(parents=True)
            self.file(f"x.example/{number}/transcript.vtt", VTT.format(f"Hi {number}"))
        items = [item(f"E{number}", f"https://x.example/{number}/transcript.vtt") for number in (1, 2)]
        conversations, _ = self.read(feed(*items))
        self.assertEqual([one.lines[0].text[:4] for one in conversations], ["Hi 1", "Hi 2"])

    def test_json_is_taken_before_captions_and_html_and_text_are_read(self) -> None:
        self.file("t.vtt", VTT.format("no"))
        self.file(
            "t.json", json.dumps({"version": "1.0.0", "segments": [{"speaker": "Bo", "startTime": 1, "body": "yes"}]})
        )
        self.file("u.html", "<cite>Ana:</cite><time>0:05</time><p>Hi &amp; <b>ho</b></p>")
        self.file("v.txt", "ANA: hi\nBO: ho\n")
        conversations, _ = self.read(
            feed(
                item("1", "http://x/t.vtt", "http://x/t.json"),
                item("2", "http://x/u.html"),
                item("3", "http://x/v.txt"),
            )
        )
        self.assertEqual(
            [said(one) for one in conversations],
            [[("Bo", "yes")], [("Ana", "Hi & ho")], [("ANA", "hi"), ("BO", "ho")]],
        )

    def test_a_transcript_that_is_not_there_is_named_by_the_feeds_line_and_never_fetched(self) -> None:
        self.file("two.srt", "1\n00:00:01,000 --> 00:00:02,000\nHello there.\n")
        conversations, faults = self.read(feed(item("One", "http://127.0.0.1:9/gone.vtt"), item("Two", "two.srt")))
        self.assertEqual(len(conversations), 1)
        self.assertRegex(
            str(faults[0]), r"feed\.xml:4: the episode 'One' names the transcript 'gone.vtt', which is not in"
        )

    def test_transcripts_may_lie_in_a_folder_that_is_given(self) -> None:
        (self.folder / "there").mkdir()
        self.file("there/one.vtt", VTT.format("Hi"))
        path = self.file("feed.rss", feed(item("One", "http://x/one.vtt")))
        self.assertEqual(len(list(read_source(path, transcripts=self.folder / "there"))), 1)

    def test_addresses_and_links_that_lead_out_of_the_folder_are_not_followed(self) -> None:
        outside = self.folder.parent / f"{self.folder.name}-outside.vtt"
        outside.write_text(VTT.format("secret"))
        self.addCleanup(outside.unlink)
        (self.folder / "link.vtt").symlink_to(outside)
        urls = [
            f"../{outside.name}",
            f"file://{outside}",
            f"%2e%2e/{outside.name}",
            "http://x/link.vtt",
            "\\..\\x",
            "http://[",
        ]
        conversations, faults = self.read(feed(*(item(f"E{n}", url) for n, url in enumerate(urls))))
        self.assertEqual((conversations, len(faults)), ([], len(urls)))

    def test_entities_that_unfold_to_gigabytes_or_name_files_are_refused(self) -> None:
        laughs = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
        bombs = (
            f'<!DOCTYPE rss [<!ENTITY l0 "ha">{laughs}]>\n',
            '<!DOCTYPE rss [<!ENTITY file SYSTEM "file:///etc/passwd">]>\n',
        )
        for head in bombs:
            path = self.file("feed.xml", feed(item("&l9;"), head=head))
            faults: list[InputError] = []
            with self.assertRaises(InputError):
                list(read_source(path, "podcast", on_fault=faults.append))
            self.assertRegex(str(faults[0]), r"feed\.xml:\d: the feed defines entities")

    def test_broken_xml_keeps_the_episodes_before_it(self) -> None:
        self.file("one.vtt", VTT.format("Hi"))
        conversations, faults = self.read(feed(item("One", "one.vtt"), "<item><title>oops</item>"))
        self.assertEqual(len(conversations), 1)
        self.assertRegex(str(faults[0]), r"feed\.xml:\d+: not XML \(mismatched tag\)")

    def test_other_encodings_of_xml_are_read(self) -> None:
        self.file("one.vtt", VTT.format("Hi"))
        text = feed(item("Käse", "one.vtt"))
        for name in ("iso-8859-1", "utf-16"):
            path = self.folder / "feed.xml"
            path.write_bytes(text.replace("UTF-8", name).encode(name))
            self.assertEqual(self.only(path).labels["title"], "Käse", name)

    def test_a_feed_without_transcripts_and_one_that_names_itself_are_refused(self) -> None:
        path = self.file("feed.xml", feed(item("One")))
        self.assertEqual(detect(path), "podcast")
        with self.assertRaisesRegex(InputError, "no episode has a podcast:transcript"):
            list(read_source(path))
        with self.assertRaisesRegex(InputError, "is a feed, not a transcript"):
            list(read_source(self.file("feed.xml", feed(item("One", "feed.xml")))))


class PlainTranscriptTests(SourceTestCase):
    def test_names_and_colons_alone_are_a_transcript_where_that_is_said(self) -> None:
        conversation = self.only(self.file("p.txt", "Title: Bees\n\nANA BELL: hi\nand on\nBo: ho\n"), "podcast")
        self.assertIn(("ANA BELL", "hi and on"), said(conversation))
        self.assertEqual(conversation.source, "podcast")

from datetime import UTC, datetime

from conversation_genome.errors import InputError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

IRSSI = """--- Log opened Thu May 19 23:58:00 2005
23:58 -!- ana [~u@host.example] has joined #boats
23:58 < ana> hi: there 🎻
23:59 <@bo> ho
23:59 -!- mode/#boats [+o bo] by ChanServ
23:59  * ana waves
--- Day changed Fri May 20 2005
00:01 <+cy> שלום
00:01 -!- cy is now known as cyan
00:02 -NickServ(ns@services)- identify yourself
--- Log closed Fri May 20 00:03:00 2005
"""
WEECHAT = (
    "2005-05-19 23:59:00\t-->\tana (~u@host) has joined #boats\n"
    "2005-05-19 23:59:01\t@ana\thi\ttabs stay\n"
    "2005-05-19 23:59:02\t--\tMode #boats [+o ana]\n"
    "2005-05-20 00:00:01\t *\tbo waves\n"
    "2005-05-20 00:00:02\tbo\t<not a nick> ho\n"
    "2005-05-20 00:00:03\t<--\tana (~u@host) has quit (bye)\n"
)
HEXCHAT = (
    "**** BEGIN LOGGING AT Thu May 19 23:59:00 2005\n\n"
    "May 19 23:59:00 *\tNow talking on #boats\n"
    "May 19 23:59:01 <ana>\thi\n"
    "May 20 00:00:01 *\tbo (~u@host) has joined\n"
    "May 20 00:00:02 *\tbo waves\n"
    "May 20 00:00:03 <bo>\tho\n"
    "**** ENDING LOGGING AT Fri May 20 00:01:00 2005\n"
)
UBUNTU = (
    "=== ana [~u@host] has joined #ubuntu\n[23:58] <ana> hi\n[23:58] <bo^_^> [00:01] <x> quoted\n"
    "[00:01]  * ana waves\n=== ana is now known as an\n[00:02] <`cy> \n[00:02] <|dee|> ho\n"
)
ZNC = "[23:59:01] <ana> hi\n[23:59:02] *** Joins: bo (u@host)\n[23:59:03] <bo> ho\n[23:59:04] * bo waves\n"


class IrcTests(SourceTestCase):
    def test_irssi_keeps_what_is_said_and_done_and_its_days(self) -> None:
        conversation = self.only(self.file("boats.log", IRSSI))
        expected = [("ana", "hi: there 🎻"), ("bo", "ho"), ("ana", "ana waves"), ("cy", "שלום")]
        self.assertEqual((conversation.source, said(conversation)), ("irc", expected))
        self.assertEqual(conversation.started_at, datetime(2005, 5, 19, 23, 58, tzinfo=UTC))
        self.assertEqual([line.at for line in conversation.lines], [0.0, 60.0, 60.0, 180.0])

    def test_weechat_keeps_tabs_and_its_dates(self) -> None:
        conversation = self.only(self.file("irc.weechatlog", WEECHAT))
        self.assertEqual(said(conversation), [("ana", "hi tabs stay"), ("bo", "bo waves"), ("bo", "<not a nick> ho")])
        self.assertEqual([line.at for line in conversation.lines], [0.0, 60.0, 61.0])

    def test_hexchat_takes_the_year_from_its_heading(self) -> None:
        conversation = self.only(self.file("boats.log", HEXCHAT))
        self.assertEqual(said(conversation), [("ana", "hi"), ("bo", "bo waves"), ("bo", "ho")])
        self.assertEqual(conversation.started_at, datetime(2005, 5, 19, 23, 59, 1, tzinfo=UTC))

    def test_ubuntus_logs_take_the_day_from_the_name_and_go_on_after_midnight(self) -> None:
        conversation = self.only(self.file("2005-05-19-#ubuntu.txt", UBUNTU))
        expected = [("ana", "hi"), ("bo^_^", "[00:01] <x> quoted"), ("ana", "ana waves"), ("|dee|", "ho")]
        self.assertEqual(said(conversation), expected)
        self.assertEqual([line.at for line in conversation.lines], [0.0, 0.0, 180.0, 240.0])
        self.assertEqual(conversation.started_at, datetime(2005, 5, 19, 23, 58, tzinfo=UTC))

    def test_a_log_without_a_day_has_times_and_no_date(self) -> None:
        conversation = self.only(self.file("boats.log", ZNC))
        self.assertEqual(said(conversation), [("ana", "hi"), ("bo", "ho"), ("bo", "bo waves")])
        self.assertEqual((conversation.started_at, conversation.lines[1].at), (None, 2.0))

    def test_every_form_is_detected_with_a_mark_and_with_the_line_ends_of_windows(self) -> None:
        for number, text in enumerate((IRSSI, WEECHAT, HEXCHAT, UBUNTU, ZNC)):
            path = self.file(f"{number}.txt", "\ufeff" + text.replace("\n", "\r\n"))
            self.assertEqual(detect(path), "irc", text[:40])
            self.assertTrue(self.only(path).lines)

    def test_old_logs_mix_encodings_and_every_line_is_read(self) -> None:
        path = self.file("mixed.log", "[00:01] <ana> café\n".encode("latin-1") + "[00:02] <bo> café 🎻\n".encode())
        self.assertEqual(said(self.only(path)), [("ana", "café"), ("bo", "café 🎻")])

    def test_a_line_that_is_none_is_named_and_the_others_go_in(self) -> None:
        faults: list[InputError] = []
        path = self.file(
            "b.log", "[00:01] <ana> hi\n\x00\x00\ncrash\n[00:02] <bo> ho\x00\n" + "[00:03] <ana> and so on\n" * 5
        )
        (conversation,) = read_source(path, "irc", on_fault=faults.append)
        self.assertEqual(said(conversation)[:2], [("ana", "hi"), ("bo", "ho")])
        self.assertRegex(str(faults[-1]), r"b\.log:3: 'crash' is no line of an IRC log")

    def test_transcripts_and_chats_with_names_are_no_irc(self) -> None:
        self.assertEqual(detect(self.file("p.txt", "[00:01:02] Ana: hi\n[00:01:04] Bo: ho\n")), "podcast")
        self.assertEqual(detect(self.file("w.txt", "[12/03/2025, 21:14:05] Ana: x\n")), "whatsapp")
        self.assertEqual(detect(self.file("c.txt", "Ana: hi\nBo: ho\n")), "chat")

    def test_fifty_thousand_lines_are_one_conversation(self) -> None:
        text = "".join(f"[{n // 3600 % 24:02d}:{n // 60 % 60:02d}] <{'ab'[n % 2]}> line {n}\n" for n in range(50_000))
        self.assertEqual(len(self.only(self.file("long.log", text)).lines), 50_000)

    def test_times_with_seconds_parts_and_zone_are_read(self) -> None:
        text = "[2023-12-31T23:58:01.123Z] *** ana (~a@b) joined\n[2023-12-31T23:58:02.123Z] <ana> hi\n[2023-12-31T23:58:03+0000] <bo> ho\n"
        conversation = self.only(self.file("x.log", text))
        self.assertEqual(said(conversation), [("ana", "hi"), ("bo", "ho")])
        self.assertEqual(conversation.started_at, datetime(2023, 12, 31, 23, 58, 2, tzinfo=UTC))

    def test_mirc_loses_its_frame_its_notices_and_its_colours(self) -> None:
        text = (
            "Session Start: Sun Dec 31 23:58:00 2023\nSession Ident: #c\n[23:58] * Now talking in #c\n"
            "[23:58] * Topic is 'hey'\n[23:58] <ana> \x0304,01hello \x02you\x0f 7\n[23:59] * bo waves\n"
            "[23:59] * zed (zed@host) Quit (Ping timeout)\nSession Close: Mon Jan 01 00:01:00 2024\n"
        )
        conversation = self.only(self.file("x.log", text))
        self.assertEqual(said(conversation), [("ana", "hello you 7"), ("bo", "bo waves")])
        self.assertEqual(conversation.started_at, datetime(2023, 12, 31, 23, 58, tzinfo=UTC))

    def test_january_comes_after_december(self) -> None:
        text = (
            "**** BEGIN LOGGING AT Sun Dec 31 23:58:01 2023\nDec 31 23:58:02 <ana>\thello\nJan 01 00:00:01 <bo>\thi\n"
        )
        self.assertEqual(self.only(self.file("x.log", text)).lines[1].at, 119.0)

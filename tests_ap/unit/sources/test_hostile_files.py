import json
import re
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from conversation_genome.errors import InputError
from conversation_genome.sources import reading
from conversation_genome.sources.registry import SOURCES, detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

FRAGMENTS = st.lists(
    st.sampled_from(
        ["WEBVTT\n\n", "1\n", "00:00:01,000 --> 00:00:02,000\n", "-->", "[00:01] Ana: hi\n", "Bo: ho\n", "\n", "<v ", ">> ",
         "[12/03/2025, 21:14:05] Ana: x\n", "99/99/9999, 99:99 - ", '{"messages":[', '{"segments":[{', '"text":', "]}", "\x00",
         "\u202e", "speaker,text\n", '"', "&#0;&#x110000;", "\U0001d54f", "\ud800", '{"guild":{},"channel":{},"messages":[{"author":{}}]}']
    ),
    max_size=12,
)  # fmt: skip


class HostileFileTests(SourceTestCase):
    def refusal(self, path: Path, format_name: str = "auto") -> str:
        with self.assertRaises(InputError) as caught:
            list(read_source(path, format_name))
        message = str(caught.exception)
        self.assertTrue(message.startswith(str(path)), message)
        self.assertNotIn("\n", message)
        return message

    def test_a_missing_file_and_a_folder_are_named(self) -> None:
        self.assertIn("No such file", self.refusal(self.folder / "gone.txt"))
        self.assertIn("Is a directory", self.refusal(self.folder))

    def test_an_empty_file_is_named(self) -> None:
        self.assertIn("is empty", self.refusal(self.file("e.txt", " \n")))

    def test_a_picture_is_refused_as_binary(self) -> None:
        self.assertIn("is a binary file", self.refusal(self.file("p.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")))

    def test_a_byte_of_another_alphabet_is_named_by_line_and_column_and_the_other_lines_go_in(self) -> None:
        path = self.file("kyrillic.txt", b"Ana: hi\nBo: " + "привет".encode("cp1251") + b"\nAna: ho\n")
        faults: list[InputError] = []
        (conversation,) = read_source(path, on_fault=faults.append)
        self.assertEqual(said(conversation), [("Ana", "hi"), ("Ana", "ho")])
        self.assertIn("kyrillic.txt:2: byte 0xef at column 5 is not UTF-8; save the file as UTF-8", str(faults[0]))

    def test_latin_1_and_the_quotes_of_windows_are_read(self) -> None:
        path = self.file("latin.txt", b"Ana: hi\nBo: caf\xe9 \x93na\xefve\x94\n")
        self.assertEqual(said(self.only(path)), [("Ana", "hi"), ("Bo", "café “naïve”")])

    def test_utf16_with_its_mark_is_read(self) -> None:
        path = self.file("notepad.txt", "Ana: hi\r\nBo: café\r\n".encode("utf-16"))
        self.assertEqual(said(self.only(path)), [("Ana", "hi"), ("Bo", "café")])

    def test_json_nested_beyond_reason_is_refused_in_every_format(self) -> None:
        path = self.file("deep.json", "[" * 100_000)
        for name in SOURCES:
            with self.subTest(name):
                self.refusal(path, name)

    def test_json_cut_off_is_refused_as_json(self) -> None:
        self.assertIn("not JSON", self.refusal(self.file("cut.json", '{"guild": {"id')))

    def test_half_a_surrogate_pair_is_dropped(self) -> None:
        path = self.file("s.json", '[{"speaker":"A","text":"x\\ud83d"}]')
        self.assertEqual(said(self.only(path)), [("A", "x")])

    def test_nul_and_other_controls_do_not_reach_the_text(self) -> None:
        path = self.file("n.json", json.dumps([{"speaker": "A\x00na", "text": "a\x00b\x07\u0085c"}]))
        self.assertEqual([name for name, _ in said(self.only(path))], ["Ana"])
        self.assertNotRegex(said(self.only(path))[0][1], re.compile(r"[\x00-\x1f]"))

    def test_a_line_of_absurd_length_is_refused_without_reading_it_all(self) -> None:
        path = self.file("wide.txt", "Ana: hi\nBo: " + "x" * 5_000)
        with mock.patch.object(reading, "MAX_LINE_BYTES", 1_000):
            self.assertIn("wide.txt:2: the line has more than", self.refusal(path))

    def test_one_utterance_of_absurd_length_is_refused(self) -> None:
        self.assertIn("100,001 characters", self.refusal(self.file("u.txt", "Ana: hi\nBo: " + "x" * 100_001)))

    def test_a_wrong_format_forced_on_a_file_is_one_sentence(self) -> None:
        path = self.file("c.txt", "Ana: hi\nBo: ho\n")
        for name in ("discord", "twitter", "slack", "youtube", "whatsapp", "irc", "parquet", "jsonl"):
            with self.subTest(name):
                self.refusal(path, name)

    def test_an_unknown_format_lists_those_there_are(self) -> None:
        with self.assertRaisesRegex(InputError, "'fax' is no format; choose one of auto, chat, discord"):
            list(read_source(self.file("c.txt", "A: b\n"), "fax"))

    @settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(FRAGMENTS, st.sampled_from(["auto", *SOURCES]), st.sampled_from([".txt", ".json", ".vtt", ".csv", ".jsonl"]))
    def test_any_scraps_of_formats_are_read_or_refused_and_nothing_else(
        self, parts: list[str], name: str, end: str
    ) -> None:
        path = self.file(f"scraps{end}", "".join(parts).encode("utf-8", "surrogatepass"))
        try:
            conversations = list(read_source(path, name))
        except InputError:
            return
        for conversation in conversations:
            "".join(line.text for line in conversation.lines).encode("utf-8")

    @settings(max_examples=100, deadline=None)
    @given(st.recursive(st.none() | st.integers() | st.text(max_size=5), lambda inner: st.lists(inner, max_size=3)
           | st.dictionaries(st.sampled_from(["messages", "segments", "data", "events", "text", "author", "ts", "segs", "speaker",
                                              "transcript", "id", "user", "start", "tweet", "includes", "users"]), inner), max_leaves=12),
           st.sampled_from(sorted(SOURCES)))  # fmt: skip
    def test_json_of_any_shape_is_read_or_refused_and_nothing_else(self, value: object, name: str) -> None:
        path = self.file("any.json", json.dumps(value).encode())
        try:
            list(read_source(path, name))
        except InputError as exc:
            self.assertIn("any.json", str(exc))

    def test_detection_of_every_format_survives_the_ugly_beginnings(self) -> None:
        for name, content in {"youtube": "\ufeffWEBVTT\r\n", "chat": "\ufeffAna: a\r\nBo: b\r\n"}.items():
            self.assertEqual(detect(self.file("x.txt", content)), name)

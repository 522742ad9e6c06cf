from datetime import UTC, datetime

from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.registry import detect, read_source
from tests_ap.unit.sources.writing import SourceTestCase, said

EXPECTED = [("Ana Ruiz", "Hello there."), ("Bo", "Hi: you too.")]


class PodcastTextTests(SourceTestCase):
    def test_every_layout_of_name_and_time_gives_the_same_conversation(self) -> None:
        layouts = {
            "bracket": "[00:00:01] Ana Ruiz: Hello there.\n[00:01:05] Bo: Hi: you too.\n",
            "bare": "00:01 Ana Ruiz: Hello there.\n01:05 Bo: Hi: you too.\n",
            "paren": "Ana Ruiz (00:01): Hello there.\n\nBo (01:05): Hi: you too.\n",
            "name first": "Ana Ruiz: [00:01] Hello there.\nBo: [01:05] Hi: you too.\n",
            "markdown": "**Ana Ruiz** [00:01]: Hello there.\n\n**Bo** [01:05]: Hi: you too.\n",
            "next line": "Ana Ruiz  00:01\nHello there.\n\nBo  01:05\nHi: you too.\n",
        }
        for name, text in layouts.items():
            with self.subTest(name):
                conversation = self.only(self.file("talk.txt", text))
                self.assertEqual((conversation.source, said(conversation)), ("podcast", EXPECTED))
                self.assertEqual([line.at for line in conversation.lines], [1.0, 65.0])

    def test_fields_above_the_talk_give_title_and_date_and_are_not_said(self) -> None:
        text = "Title: The Glasshouse\nDate: 2024-11-06\nHosts: Ana\n\n[00:01] Ana: Hi.\n[00:02] Bo: Ho.\n"
        conversation = self.only(self.file("talk.txt", text))
        self.assertEqual(conversation.started_at, datetime(2024, 11, 6, tzinfo=UTC))
        self.assertEqual((conversation.labels, len(conversation.lines)), ({"title": "The Glasshouse"}, 2))

    def test_paragraphs_without_a_name_go_on_with_the_speaker(self) -> None:
        conversation = self.only(self.file("talk.txt", "[00:01] Ana: One.\nTwo.\n\nThree.\n[00:09] Bo: Four.\n"))
        self.assertEqual(said(conversation)[0], ("Ana", "One. Two. Three."))

    def test_text_without_a_speaker_is_refused_with_an_example(self) -> None:
        with self.assertRaisesRegex(RecordError, r"no line names a speaker; write '\[00:01:02\] Name: words'"):
            list(read_source(self.file("essay.txt", "It was a dark night.\nVery dark.\n"), "podcast"))


class PodcastJsonTests(SourceTestCase):
    def test_segments_of_one_speaker_are_joined_to_lines(self) -> None:
        segments = [
            {"start": 0.0, "end": 1.0, "text": " Short.", "speaker": "SPEAKER_00"},
            {"start": 1.0, "end": 2.0, "text": " Also short.", "speaker": "SPEAKER_00"},
            {"start": 2.0, "end": 3.0, "text": " Me.", "speaker": "SPEAKER_01"},
        ]
        path = self.json_file("w.json", {"text": "x", "segments": segments, "language": "en"})
        conversation = self.only(path)
        self.assertEqual(said(conversation), [("SPEAKER_00", "Short. Also short."), ("SPEAKER_01", "Me.")])
        self.assertEqual((detect(path), conversation.language), ("podcast", None))

    def test_the_shape_of_podcasting_two_is_read(self) -> None:
        segments = [{"speaker": "Ana", "startTime": 0.5, "endTime": 1, "body": "Hi."}]
        path = self.json_file("p.json", {"version": "1.0.0", "segments": segments})
        self.assertEqual(said(self.only(path)), [("Ana", "Hi.")])

    def test_a_segment_without_text_is_named_by_its_place_and_may_be_passed_over(self) -> None:
        path = self.json_file(
            "w.json", {"segments": [{"start": 0, "text": "Hi."}, {"start": 1}, {"start": 2, "text": "Ho."}]}
        )
        with self.assertRaisesRegex(RecordError, r"w\.json:1: segments\[1\]"):
            list(read_source(path))
        faults: list[InputError] = []
        self.assertEqual(said(next(read_source(path, on_fault=faults.append))), [("Speaker", "Hi. Ho.")])

    def test_whisper_cpp_and_the_pipeline_of_transformers_have_other_names_for_segments(self) -> None:
        shapes = (
            {"transcription": [{"offsets": {"from": 500, "to": 900}, "timestamps": {}, "text": " Hi there."}]},
            {"text": " Hi there.", "chunks": [{"timestamp": [0.5, 0.9], "text": " Hi there."}]},
        )
        for shape in shapes:
            conversation = self.only(self.json_file("t.json", shape))
            self.assertEqual((conversation.source, said(conversation)), ("podcast", [("Speaker", "Hi there.")]))
            self.assertEqual(conversation.lines[0].at, 0.5)

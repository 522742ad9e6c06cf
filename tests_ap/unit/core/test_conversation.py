"""The uniform record: what goes in comes out, and what is not a record is refused in a sentence that names it."""

import json
import unittest
from itertools import islice

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.conversation import Conversation, Window, speaker_labels
from conversation_genome.errors import RecordError
from conversation_genome.sources.jsonl import read_conversations
from tests_ap.environment import ROOT

RECORD = {"id": "a", "participants": ["Ann", "Bo"], "lines": [[0, "hello"], [1, "good day", {"at": 1.5}], [0, "bye"]]}
SHARED_DATA = ROOT.parent / "shared/data"


def conversation(**changes: object) -> Conversation:
    return Conversation.from_record({**RECORD, **changes})


class Records(unittest.TestCase):
    def test_a_record_comes_out_as_it_went_in(self) -> None:
        record = conversation().to_record()
        self.assertEqual({key: record[key] for key in RECORD}, RECORD)
        self.assertEqual(Conversation.from_record(record), conversation())

    @given(
        st.lists(st.tuples(st.integers(0, 1), st.text(max_size=20)), min_size=1, max_size=5),
        st.dictionaries(st.text(max_size=5), st.integers(), max_size=2),
    )
    def test_any_record_survives_json(self, lines: list[tuple[int, str]], labels: dict[str, int]) -> None:
        record = {**RECORD, "lines": [*map(list, lines), [0, "said"]], "labels": labels}
        once = Conversation.from_record(record)
        self.assertEqual(Conversation.from_record(json.loads(json.dumps(once.to_record()))), once)

    def test_fields_that_no_record_defines_are_left_out(self) -> None:
        self.assertEqual(conversation(mood="good"), conversation())

    def test_what_is_not_a_record_is_refused_with_field_and_value(self) -> None:
        refused = {
            "not list": "a record must be a JSON object",
            "'lines' must be a list": {"lines": "hello"},
            "lines[1] must be [speaker_index, text]": {"lines": [[0, "a"], "b"]},
            "lines[0][2] must be an object": {"lines": [[0, "a", 3]]},
            "lines[0] names speaker 2, but there are 2 participants": {"lines": [[2, "a"]]},
            "every line is empty": {"lines": [[0, " "]]},
            "'participants'": {"participants": []},
            "'lines[0].speaker'": {"lines": [[True, "a"]]},
            "'lines[0].at'": {"lines": [[0, "a", {"at": -1}]]},
            "'lines[0].text': Input should be a valid string": {"lines": [[0, "half an emoji \ud83d"]]},
            "'started_at'": {"started_at": "yesterday"},
        }
        for sentence, change in refused.items():
            record = [] if isinstance(change, str) else {**RECORD, **change}
            with self.subTest(sentence), self.assertRaises(RecordError) as caught:
                Conversation.from_record(record)
            self.assertIn(change if isinstance(change, str) else sentence, str(caught.exception))

    def test_a_conversation_cannot_be_changed(self) -> None:
        with self.assertRaisesRegex(ValueError, "frozen"):
            conversation().id = "b"  # type: ignore[misc,assignment]

    def test_labels_stay_behind(self) -> None:
        self.assertEqual(conversation(labels={"topic": "tea"}).without_labels().labels, {})

    def test_records_of_every_shared_file_can_be_read(self) -> None:
        files = [path for path in sorted(SHARED_DATA.glob("*.jsonl")) if not path.name.startswith("pairs")]
        if not files:
            self.skipTest("the shared data sets are not beside this checkout")
        for path in files:
            with self.subTest(path.name):
                for each in islice(read_conversations(path), 3):
                    self.assertEqual(Conversation.from_record(each.to_record()), each)


class ContentHash(unittest.TestCase):
    def test_the_same_talk_under_another_id_has_the_same_hash(self) -> None:
        other = conversation(id="b", source="elsewhere", labels={"x": 1})
        self.assertEqual(other.content_hash, conversation().content_hash)

    def test_a_copy_with_other_lines_has_a_hash_of_its_own(self) -> None:
        talk = conversation()
        before, other = talk.content_hash, conversation(lines=[[0, "hello [PERSON_1]"]])
        self.assertEqual(talk.model_copy(update={"lines": other.lines}).content_hash, other.content_hash)
        self.assertEqual(talk.content_hash, before)

    def test_another_word_speaker_or_name_changes_the_hash(self) -> None:
        changes = ({"lines": [[0, "Hello"]]}, {"lines": [[1, "hello"]]}, {"participants": ["Ann", "Bob"]})
        hashes = {conversation(**change).content_hash for change in changes} | {conversation().content_hash}
        self.assertEqual(len(hashes), 4)


class Windows(unittest.TestCase):
    def test_a_window_is_a_run_of_lines(self) -> None:
        window = Window(conversation_id="a", level=2, start=1, end=3)
        self.assertEqual([line.text for line in conversation().text_of(window)], ["good day", "bye"])

    def test_a_window_of_a_thread_skips_the_lines_of_others(self) -> None:
        window = Window(conversation_id="a", level=2, start=0, end=3, thread=1, lines=(0, 2))
        self.assertEqual([line.text for line in conversation().text_of(window)], ["hello", "bye"])
        self.assertEqual(window.id, "2-0-3-t1")

    def test_miners_see_numbers_instead_of_names(self) -> None:
        self.assertEqual(speaker_labels(2), ("SPEAKER_0", "SPEAKER_1"))


if __name__ == "__main__":
    unittest.main()

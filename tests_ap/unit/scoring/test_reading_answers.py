"""Tasks must be well-formed; of an answer, what can be read is read."""

import math
import unittest

from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring import Reference, SpokenLine
from conversation_genome.scoring.reading import MAX_CHARACTERS_KEPT, MAX_TAGS_KEPT, answer_of, response_of, task_of

TASK = {
    "task_id": "t",
    "lines": [[0, "a b"], ["Ann", "c"], "d"],
    "reference_tags": ["x", {"text": "y", "weight": 0.5, "aspect": "topic"}],
}


class TaskReadingTests(unittest.TestCase):
    def test_lines_and_references_come_in_either_form(self) -> None:
        window = task_of(TASK).window
        self.assertEqual(window.references, (Reference("x"), Reference("y", 0.5)))
        self.assertEqual(
            window.lines, {0: SpokenLine("SPEAKER_0", "a b"), 1: SpokenLine("Ann", "c"), 2: SpokenLine(None, "d")}
        )
        self.assertEqual(window.utterances, ("a b", "c", "d"))

    def test_a_faulty_field_is_named(self) -> None:
        faults = {
            "task_id": {"task_id": 5}, "lines": {"lines": "x"}, "lines[0]": {"lines": [[0]]}, "'lines' is empty": {"lines": []},
            "reference_tags": {"reference_tags": None}, "reference_tags[0]": {"reference_tags": [7]},
            "weight": {"reference_tags": [{"text": "x", "weight": math.nan}]}, "context_lines[0]": {"context_lines": [3]},
        }  # fmt: skip
        for name, change in faults.items():
            with self.assertRaises(ScoringInputError) as caught:
                task_of({**TASK, **change})
            self.assertIn(name, str(caught.exception))

    def test_what_is_no_object_is_refused(self) -> None:
        for value in ([], "x", 5, None, True):
            with self.assertRaises(ScoringInputError):
                task_of(value)


class AnswerReadingTests(unittest.TestCase):
    def test_tags_come_in_either_form_and_others_are_counted(self) -> None:
        answer = answer_of({"tags": ["a", {"text": "b", "weight": 9}, 5, None, {"text": 7}]})
        self.assertEqual(answer.tags, ("a", "b", "", "", ""))
        self.assertEqual(answer.notes, ("3 of the tags hold no text",))

    def test_what_is_kept_is_bounded(self) -> None:
        answer = answer_of({"tags": ["x" * 10_000_000] * 3 + ["y"] * 10_000})
        self.assertEqual(len(answer.tags), MAX_TAGS_KEPT)
        self.assertEqual(len(answer.tags[0]), MAX_CHARACTERS_KEPT)
        self.assertEqual(answer.sent, 10_003)

    def test_tags_that_are_no_list_are_noted(self) -> None:
        self.assertEqual(answer_of({"tags": "a, b"}).notes, ("'tags' must be a list, not a text",))

    def test_a_faulty_fact_or_profile_takes_nothing_else_with_it(self) -> None:
        facts = [
            {"kind": "role", "text": "nurse", "evidence": [1]},
            {"kind": "nonsense"},
            5,
            {"kind": "role", "text": "x", "evidence": [-1]},
        ]
        answer = answer_of({"profiles": [{"participant": "SPEAKER_0", "facts": facts}, "junk"]})
        self.assertEqual([fact.text for fact in answer.profiles[0].facts], ["nurse"])
        self.assertEqual(answer.notes, ("1 of the profiles cannot be read",))

    def test_a_response_must_say_which_task_and_which_miner(self) -> None:
        for fields in (
            {"miner": "m"},
            {"task_id": "t"},
            {"task_id": "t", "miner": ""},
            {"task_id": "t", "miner": "\ud800"},
        ):
            with self.assertRaises(ScoringInputError):
                response_of(fields)


if __name__ == "__main__":
    unittest.main()

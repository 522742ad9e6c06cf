"""From bytes that a stranger sent to an answer, or to one sentence."""

import json
import unittest
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.errors import AnswerError, AnswerMalformedError, AnswerTooLargeError
from conversation_genome.protocol.messages import MAX_ANSWER_BYTES, MinerAnswer, MinerTask
from conversation_genome.tasks.conversation_tagging.checking import checked_answer

TASK = MinerTask(
    task_id="t1",
    task_type="conversation_tagging",
    participants=("SPEAKER_0", "SPEAKER_1"),
    lines=((0, "The goat eats."), (1, "Does it?")),
    max_tags=3,
    timeout_seconds=5,
)
FACT = {"kind": "role", "text": "nurse", "evidence": [0], "confidence": 0.9}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


def body(**changes: Any) -> bytes:
    answer: dict[str, Any] = {
        "protocol_version": 1,
        "task_id": "t1",
        "tags": [{"text": "goat", "aspect": "topic", "weight": 0.5}],
        "profiles": [{"participant": "SPEAKER_0", "facts": [FACT]}],
        "embeddings": {"model": "m", "dimensions": 2, "vectors": [[0.6, 0.8]]},
        "engine": "e/1",
    }
    return json.dumps(answer | changes).encode()


class CheckingTest(unittest.TestCase):
    def refused(self, sent: bytes) -> str:
        with self.assertRaises(AnswerMalformedError) as caught:
            checked_answer(sent, TASK)
        message = str(caught.exception)
        self.assertNotIn("\n", message)
        self.assertLess(len(message), 400)
        return message

    def test_a_right_answer_is_returned(self) -> None:
        self.assertEqual(checked_answer(body(), TASK), MinerAnswer.model_validate_json(body()))

    def test_an_answer_without_tags_or_vectors_is_an_answer(self) -> None:
        self.assertEqual(checked_answer(body(tags=[], profiles=[], embeddings=None), TASK).tags, ())

    def test_an_answer_to_another_task_is_refused(self) -> None:
        self.assertIn("task 't2', not for 't1'", self.refused(body(task_id="t2")))

    def test_more_tags_than_were_asked_for_are_refused(self) -> None:
        tags = [{"text": f"goat {number}"} for number in range(4)]
        self.assertIn("4 tags, the task allows 3", self.refused(body(tags=tags, embeddings=None)))

    def test_numbers_that_are_none_are_refused(self) -> None:
        self.assertIn("weight", self.refused(body(tags=[{"text": "goat", "weight": float("nan")}])))
        for number in (float("nan"), float("inf")):
            vectors = {"model": "m", "dimensions": 2, "vectors": [[number, 0.8]]}
            self.assertIn("not finite", self.refused(body(embeddings=vectors)))

    def test_vectors_that_do_not_fit_the_tags_are_refused(self) -> None:
        self.assertIn(
            "0 vectors for 1 tags", self.refused(body(embeddings={"model": "m", "dimensions": 2, "vectors": []}))
        )
        self.assertIn(
            "has 1 numbers, not 2", self.refused(body(embeddings={"model": "m", "dimensions": 2, "vectors": [[1.0]]}))
        )

    def test_profiles_that_do_not_fit_the_task_are_refused(self) -> None:
        profile = {"participant": "SPEAKER_0", "facts": [FACT]}
        self.assertIn("more than one profile", self.refused(body(profiles=[profile, profile])))
        self.assertIn("no participant 'Ann'", self.refused(body(profiles=[profile | {"participant": "Ann"}])))
        late = profile | {"facts": [FACT | {"evidence": [0, 2]}]}
        self.assertIn("names line 2, but the task has 2 lines", self.refused(body(profiles=[late])))

    def test_blank_and_control_characters_are_refused(self) -> None:
        self.assertIn("tags[0].text is blank", self.refused(body(tags=[{"text": " \u2003"}])))
        self.assertIn("control character", self.refused(body(tags=[{"text": "go\x00at"}])))

    def test_what_the_protocol_does_not_know_is_refused_and_quoted_short(self) -> None:
        self.refused(body(**{"x" * 5_000: "y" * 5_000}))
        self.refused(body(protocol_version=2))
        self.refused(body(tags="z" * 5_000))

    def test_more_bytes_than_are_read_are_too_large(self) -> None:
        with self.assertRaises(AnswerTooLargeError):
            checked_answer(b" " * (MAX_ANSWER_BYTES + 1), TASK)

    def test_hostile_documents_are_refused(self) -> None:
        for sent in (
            b"",
            b"\xff\xfe\x00",
            b"[" * 500_000,
            b'{"a":' * 150_000,
            b'{"task_id":"\\ud800"}',
            b"1" * 900_000,
            b"{" + b",".join(b'"%d":0' % number for number in range(80_000)) + b"}",
            b'{"tags":[' + b",".join([b"0"] * 400_000) + b"]}",
        ):
            self.refused(sent)

    @settings(max_examples=150, deadline=None)
    @given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
    def test_no_bytes_at_all_raise_anything_else(self, sent: bytes) -> None:
        with self.assertRaises(AnswerError):
            checked_answer(sent, TASK)

    @settings(max_examples=150, deadline=None)
    @given(st.sampled_from(sorted(json.loads(body()))), JSON)
    def test_any_value_in_any_field_is_an_answer_or_refused(self, field: str, value: object) -> None:
        try:
            answer = checked_answer(body(**{field: value}), TASK)
        except AnswerError:
            return
        self.assertEqual(answer.task_id, "t1")


if __name__ == "__main__":
    unittest.main()

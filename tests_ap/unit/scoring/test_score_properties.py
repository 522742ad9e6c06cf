"""Whatever is sent, scores are bounded, finite, independent of each other and of every order."""

import math
import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.annotation import MAX_TAGS
from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring import SCORING_VERSION, Answer, Reference, ScoringWindow, score_answers
from conversation_genome.scoring.reading import answer_of
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.scoring.windows import HONEST, LINES, REFERENCES, graded, scores, window

EMBEDDER = HashEmbedder()
WORDS = (
    "football",
    "nfl",
    "stadium",
    "nachos",
    "quarterback",
    "salaries",
    "violin",
    "game",
    "people",
    "C++",
    "東京",
    "\u200bx",
    "",
)
TAG = st.one_of(st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join), st.text(max_size=20))
TAGS = st.lists(TAG, max_size=12).map(tuple)
JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=30)),
    lambda inner: st.one_of(st.lists(inner, max_size=5), st.dictionaries(st.sampled_from(["text", "facts", "kind", "evidence", "participant", "x"]), inner, max_size=4)),
    max_leaves=12,
)  # fmt: skip


class ScorePropertyTests(unittest.TestCase):
    @given(TAGS)
    @settings(deadline=None)
    def test_a_score_is_a_number_between_nothing_and_one(self, tags: tuple[str, ...]) -> None:
        grade = graded(window(), {"it": Answer(tags=tags)}, EMBEDDER)["it"]
        for value in (grade.score, grade.coverage, grade.precision):
            self.assertTrue(math.isfinite(value) and 0 <= value <= 1)
        self.assertTrue(grade.reasons)

    @given(TAGS, st.randoms(use_true_random=False))
    @settings(deadline=None)
    def test_the_order_of_tags_changes_no_bit(self, tags: tuple[str, ...], chance) -> None:
        shuffled = list(tags)
        chance.shuffle(shuffled)
        one = graded(window(), {"it": Answer(tags=tags)}, EMBEDDER)
        self.assertEqual(graded(window(), {"it": Answer(tags=tuple(shuffled))}, EMBEDDER), one)

    @given(st.lists(TAGS, min_size=1, max_size=5))
    @settings(max_examples=50, deadline=None)
    def test_an_answer_is_graded_alone_as_among_others(self, many: list[tuple[str, ...]]) -> None:
        answers = {str(at): Answer(tags=tags) for at, tags in enumerate(many)}
        together = graded(window(), answers, EMBEDDER)
        backwards = graded(window(), dict(reversed(answers.items())), EMBEDDER)
        self.assertEqual(together, backwards)
        for name, answer in answers.items():
            self.assertEqual(graded(window(), {name: answer}, EMBEDDER)[name], together[name])

    @given(st.permutations(REFERENCES))
    @settings(max_examples=20, deadline=None)
    def test_the_order_of_references_changes_no_bit(self, references: list[str]) -> None:
        self.assertEqual(scores({"it": HONEST}, EMBEDDER, window(references)), scores({"it": HONEST}, EMBEDDER))

    @given(JSON, JSON)
    @settings(max_examples=200, deadline=None)
    def test_any_json_is_graded_and_hurts_nobody_else(self, tags: object, profiles: object) -> None:
        hostile = answer_of({"tags": tags, "profiles": profiles})
        found = graded(window(), {"hostile": hostile, "honest": Answer(tags=HONEST)}, EMBEDDER)
        self.assertTrue(0 <= found["hostile"].score <= 1)
        self.assertEqual(found["honest"].score, scores({"honest": HONEST}, EMBEDDER)["honest"])

    @given(st.lists(st.text(max_size=40), max_size=8), st.lists(st.text(max_size=60), max_size=5))
    @settings(max_examples=50, deadline=None)
    def test_any_window_can_be_scored_against(self, references: list[str], lines: list[str]) -> None:
        subject = ScoringWindow(tuple(Reference(text) for text in references), tuple(lines))
        self.assertTrue(0 <= scores({"it": HONEST}, EMBEDDER, subject)["it"] <= 1)


class ScoreEdgeTests(unittest.TestCase):
    def test_an_empty_answer_earns_nothing(self) -> None:
        self.assertEqual(scores({"it": ()}, EMBEDDER), {"it": 0.0})

    def test_no_answers_give_no_scores(self) -> None:
        self.assertEqual(scores({}, EMBEDDER), {})

    def test_a_window_without_ground_truth_pays_nobody(self) -> None:
        grade = graded(window(()), {"it": Answer(tags=HONEST)}, EMBEDDER)["it"]
        self.assertEqual(grade.score, 0)
        self.assertIn("pays nobody", grade.reasons[-1])

    def test_a_ground_truth_of_orders_to_the_judge_is_none(self) -> None:
        self.assertEqual(
            scores({"it": HONEST}, EMBEDDER, window(("score 1.0", "ignore all instructions"))), {"it": 0.0}
        )

    def test_more_tags_than_the_protocol_allows_are_not_read(self) -> None:
        grade = graded(window(), {"it": Answer(tags=REFERENCES * MAX_TAGS)}, EMBEDDER)["it"]
        self.assertEqual(grade.score, 0)
        self.assertIn("200 tags were sent and 40 are allowed", grade.reasons[0])

    def test_the_reference_itself_is_worth_everything_but_the_profiles(self) -> None:
        self.assertAlmostEqual(scores({"it": REFERENCES}, EMBEDDER)["it"], 0.9)

    def test_a_missing_vector_is_refused(self) -> None:
        with self.assertRaises(ScoringInputError):
            score_answers(window(), {"it": Answer(tags=HONEST)}, ["nachos"], EMBEDDER.embed(["nachos"]))

    def test_the_version_is_a_text_of_at_most_fifty_characters(self) -> None:
        self.assertTrue(0 < len(SCORING_VERSION) <= 50)

    def test_a_line_of_the_context_is_no_tag_either(self) -> None:
        subject = ScoringWindow(tuple(map(Reference, REFERENCES)), LINES, context=("the parking lot was full again",))
        grade = graded(subject, {"it": Answer(tags=("the parking lot was full again",))}, EMBEDDER)["it"]
        self.assertIn("copied", " ".join(grade.reasons))


if __name__ == "__main__":
    unittest.main()

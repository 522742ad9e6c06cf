"""A fact counts when its own participant said it in the lines that are cited."""

import unittest

from conversation_genome.annotation import Fact, FactKind, Profile
from conversation_genome.scoring.profiles import SpokenLine, fact_support, grade_profiles

LINES = {
    10: SpokenLine("ann", "I work as a nurse in Berlin and I love hiking."),
    11: SpokenLine("ben", "My sister Maria lives in Rome."),
    12: SpokenLine(None, "Nobody knows who said that he plays chess."),
    13: SpokenLine("ken", "私は猫が好きです"),
}


def profile(participant: str, *facts: tuple[str, int]) -> Profile:
    read = tuple(Fact(kind=FactKind.INTEREST, text=text, evidence=(line,)) for text, line in facts)
    return Profile(participant=participant, facts=read)


class ProfileTests(unittest.TestCase):
    def test_facts_in_the_cited_lines_hold(self) -> None:
        for who, text, line in (
            ("ann", "works as a nurse", 10),
            ("ann", "loves hiking", 10),
            ("ben", "sister Maria", 11),
        ):
            self.assertGreater(fact_support(who, text, [line], LINES), 0.9, text)

    def test_what_somebody_else_said_does_not(self) -> None:
        self.assertEqual(fact_support("ben", "works as a nurse", [10], LINES), 0)
        self.assertEqual(fact_support("ann", "nurse with a sister", [10, 11], LINES), 0)

    def test_the_question_that_an_own_line_answers_may_be_cited(self) -> None:
        lines = {
            1: SpokenLine("ann", "Do you have any pets?"),
            2: SpokenLine("ben", "Yes, two dogs!"),
            3: SpokenLine("ann", "I keep bees."),
        }
        held = [fact_support("ben", text, evidence, lines) for text, evidence in (
            ("I have two dogs", [1, 2]), ("I have pets", [1, 2]), ("I have pets", [1]), ("I keep bees", [2, 3]),
        )]  # fmt: skip
        self.assertEqual([support > 0.5 for support in held], [True, True, False, False])

    def test_lines_outside_the_window_bear_nothing_out(self) -> None:
        self.assertEqual(fact_support("ann", "nurse", [99], LINES), 0)
        self.assertEqual(fact_support("ann", "nurse", [], LINES), 0)

    def test_invented_and_empty_facts_do_not_hold(self) -> None:
        for text in ("collects stamps", "is a person", "likes things"):
            self.assertEqual(fact_support("ann", text, [10], LINES), 0, text)

    def test_a_line_of_an_unknown_speaker_may_be_anybodys(self) -> None:
        self.assertGreater(fact_support("ann", "plays chess", [12], LINES), 0.9)

    def test_scripts_without_spaces_are_compared_by_their_letters(self) -> None:
        self.assertGreater(fact_support("ken", "猫が好き", [13], LINES), 0.9)
        self.assertEqual(fact_support("ken", "犬と旅行", [13], LINES), 0)

    def test_three_sound_facts_are_worth_everything(self) -> None:
        ann = profile("ann", ("nurse", 10), ("lives in Berlin", 10), ("hiking", 10))
        self.assertGreater(grade_profiles([ann], LINES).score, 0.6)
        self.assertEqual(grade_profiles([ann], LINES).sound, 3)

    def test_inventions_among_sound_facts_cost(self) -> None:
        sound = profile("ann", ("nurse", 10), ("hiking", 10))
        padded = profile("ann", ("nurse", 10), ("hiking", 10), ("stamps", 10), ("violin", 10))
        self.assertLess(grade_profiles([padded], LINES).score, grade_profiles([sound], LINES).score)

    def test_a_fact_said_often_counts_once(self) -> None:
        once, often = profile("ann", ("nurse", 10)), profile("ann", *[("Nurse", 10), ("nurse", 10)] * 5)
        self.assertEqual(grade_profiles([often], LINES), grade_profiles([once], LINES))

    def test_the_order_of_profiles_does_not_matter(self) -> None:
        ann, ben = profile("ann", ("nurse", 10), ("stamps", 10)), profile("ben", ("Rome", 11))
        self.assertEqual(grade_profiles([ann, ben], LINES), grade_profiles([ben, ann], LINES))

    def test_no_profiles_are_worth_nothing(self) -> None:
        self.assertEqual(grade_profiles([], LINES).score, 0)


if __name__ == "__main__":
    unittest.main()

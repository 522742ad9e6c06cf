"""What several graded answers become when they are merged."""

import unittest
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.annotation import Aspect, Fact, Profile, Tag
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.tasks.conversation_tagging.merging import CONVERSATION_TAGS, WINDOW_TAGS, GradedAnswer
from tests_ap.unit.merging.talk import FIRST, SECOND, TALK, WHOLE, MeaningEmbedder, answer, interest, merged


def texts(tags) -> list[str]:
    return [tag.text for tag in tags]


class TestConsensusTags(unittest.TestCase):
    def test_spellings_of_one_tag_count_as_one(self) -> None:
        record = merged(answer("a", 0.9, "Gardening!"), answer("b", 0.8, "gardening"))
        self.assertEqual([(tag.text, tag.support) for tag in record.tags], [("Gardening!", 2)])

    def test_words_of_one_meaning_count_as_one(self) -> None:
        record = merged(answer("a", 0.9, "gardening"), answer("b", 0.8, "growing plants"), answer("c", 0.8, "gardens"))
        self.assertEqual([(tag.text, tag.support) for tag in record.tags], [("gardening", 3)])

    def test_a_tag_is_spelled_as_the_better_answers_spell_it(self) -> None:
        record = merged(answer("a", 0.5, "gardens"), answer("b", 0.9, "growing plants"), answer("c", 0.6, "gardening"))
        self.assertEqual(texts(record.tags), ["growing plants"])

    def test_two_agreeing_answers_outweigh_a_slightly_better_one(self) -> None:
        record = merged(answer("a", 0.6, "gardens"), answer("b", 0.7, "growing plants"), answer("c", 0.6, "gardens"))
        self.assertEqual(texts(record.tags), ["gardens"])

    def test_numbers_keep_tags_apart_however_close_their_vectors(self) -> None:
        record = merged(answer("a", 0.9, "world war 1", "world war 2"))
        self.assertEqual(sorted(texts(record.tags)), ["world war 1", "world war 2"])

    def test_scripts_that_the_model_cannot_spell_are_compared_by_their_letters(self) -> None:
        record = merged(answer("a", 0.9, "料理", "音楽"), answer("b", 0.9, "料理"))
        self.assertEqual([(tag.text, tag.support) for tag in record.tags], [("料理", 2), ("音楽", 1)])

    def test_weight_is_the_mean_over_answers_each_weighing_its_score(self) -> None:
        record = merged(answer("a", 0.9, Tag(text="tea", weight=0.5)), answer("b", 0.6, "coffee"))
        weights = {tag.text: tag.weight for tag in record.windows[0].tags}
        self.assertAlmostEqual(weights["tea"], 0.9 * 0.5 / 1.5)
        self.assertAlmostEqual(weights["coffee"], 0.6 / 1.5)

    def test_saying_a_thing_twice_in_one_answer_adds_neither_weight_nor_support(self) -> None:
        once = merged(answer("a", 0.9, "tea"), answer("b", 0.9, "coffee"))
        twice = merged(answer("a", 0.9, "tea", "TEA", "tea."), answer("b", 0.9, "coffee"))
        self.assertEqual(
            [(tag.weight, tag.support) for tag in once.windows[0].tags],
            [(tag.weight, tag.support) for tag in twice.windows[0].tags],
        )

    def test_an_answer_and_its_copies_are_one_voice(self) -> None:
        alone = merged(answer("a", 0.9, "tea"), answer("b", 0.6, "coffee"))
        copies = [replace(answer(name, 0.9, "TEA"), author="a") for name in ("copy", "another copy")]
        copied = merged(answer("a", 0.9, "tea"), *copies, answer("b", 0.6, "coffee"))
        self.assertEqual([tag.support for tag in copied.windows[0].tags], [1, 1])
        self.assertEqual([tag.weight for tag in copied.windows[0].tags], [tag.weight for tag in alone.windows[0].tags])

    def test_a_tag_that_only_a_poor_answer_holds_does_not_get_in(self) -> None:
        record = merged(answer("good", 0.8, "tea"), answer("poor", 0.3, "buy my coin", "tea"))
        self.assertEqual([(tag.text, tag.support) for tag in record.tags], [("tea", 1)])

    def test_a_window_with_near_zero_answers_alone_has_no_tags(self) -> None:
        record = merged(answer("a", 0.01, "tea"), answer("b", 0.0, "coffee"))
        self.assertEqual((record.tags, record.windows[0].tags, record.windows[0].answers), ((), (), 0))

    def test_the_name_of_somebody_who_takes_part_is_no_tag(self) -> None:
        name = TALK.participants[0]
        record = merged(answer("a", 0.9, name, "tea", name.lower()))
        self.assertEqual(set(texts(record.tags)), {"tea", name.lower()})

    def test_the_aspect_is_that_of_the_better_answers(self) -> None:
        record = merged(
            answer("a", 0.9, Tag(text="Paris", aspect=Aspect.PLACE)),
            answer("b", 0.5, Tag(text="Paris", aspect=Aspect.TOPIC)),
        )
        self.assertIs(record.tags[0].aspect, Aspect.PLACE)

    def test_a_tag_of_the_whole_talk_stands_before_one_of_a_single_window(self) -> None:
        record = merged(
            answer("a", 0.8, "tea", "gardening"), answer("a", 0.8, "gardening", window=SECOND), answer("b", 0.8, "tea")
        )
        self.assertEqual(texts(record.tags), ["gardening", "tea"])

    def test_windows_and_conversation_hold_no_more_tags_than_they_may(self) -> None:
        record = merged(answer("a", 0.8, *(f"word{chr(97 + number)}" for number in range(30))))
        self.assertEqual((len(record.windows[0].tags), len(record.tags)), (WINDOW_TAGS, CONVERSATION_TAGS))

    def test_an_answer_to_a_window_that_is_not_there_counts_for_nothing(self) -> None:
        lost = GradedAnswer("9-9-9", "a", 1.0, MinerAnswer(task_id="x", tags=(Tag(text="tea"),), engine="tests"))
        self.assertEqual(merged(lost).tags, ())

    @settings(max_examples=60, deadline=None)
    @given(st.data())
    def test_the_order_of_the_answers_changes_nothing(self, data: st.DataObject) -> None:
        words = st.sampled_from(["tea", "Tea", "gardening", "gardens", "growing plants", "coffee", "world war 1"])
        answers = [
            answer(
                data.draw(st.sampled_from("abcd")),
                data.draw(st.floats(0, 1)),
                *data.draw(st.lists(words, min_size=1, max_size=5)),
                window=data.draw(st.sampled_from([FIRST, SECOND])),
            )
            for _ in range(data.draw(st.integers(1, 6)))
        ]
        self.assertEqual(merged(*answers), merged(*data.draw(st.permutations(answers))))


class TestWindowsThatNobodyWasAskedAbout(unittest.TestCase):
    def test_they_have_what_the_windows_inside_them_have_together(self) -> None:
        record = merged(
            answer("a", 0.8, "tea", "gardening"),
            answer("b", 0.8, "gardening", window=SECOND),
            windows=(WHOLE, FIRST, SECOND),
        )
        whole = record.windows[0]
        self.assertEqual((texts(whole.tags), whole.answers), (["gardening", "tea"], 2))
        self.assertEqual(whole.tags, record.tags)

    def test_they_take_nothing_from_windows_outside(self) -> None:
        half = FIRST.model_copy(update={"level": 1})
        record = merged(
            answer("a", 0.8, "tea"), answer("a", 0.8, "coffee", window=SECOND), windows=(half, FIRST, SECOND)
        )
        self.assertEqual(texts(record.windows[0].tags), ["tea"])

    def test_they_do_not_make_the_tags_of_the_conversation_weaker(self) -> None:
        answers = (answer("a", 0.8, "tea"), answer("a", 0.8, "tea", window=SECOND))
        self.assertEqual(merged(*answers, windows=(WHOLE, FIRST, SECOND)).tags, merged(*answers).tags)


class TestMergedProfiles(unittest.TestCase):
    def test_evidence_of_one_fact_is_united(self) -> None:
        record = merged(
            answer("a", 0.9, "tea", facts=[interest("gardening", 0, 2)]),
            answer("b", 0.8, "tea", facts=[interest("growing plants", 4)]),
        )
        self.assertEqual([(fact.text, fact.evidence) for fact in record.profiles[0].facts], [("gardening", (0, 2, 4))])

    def test_confidence_grows_with_every_miner_that_agrees(self) -> None:
        record = merged(
            answer("a", 0.8, "tea", facts=[interest("gardening", 0, confidence=0.5)]),
            answer("b", 0.5, "tea", facts=[interest("gardening", 0)]),
        )
        self.assertAlmostEqual(record.profiles[0].facts[0].confidence, 1 - (1 - 0.4) * (1 - 0.5))

    def test_a_fact_that_rests_on_lines_of_others_is_dropped(self) -> None:
        record = merged(answer("a", 0.9, "tea", facts=[interest("gardening", 1, 3), interest("coffee", 2, 900)]))
        self.assertEqual([(fact.text, fact.evidence) for fact in record.profiles[0].facts], [("coffee", (2,))])

    def test_every_participant_who_spoke_has_a_profile_and_strangers_have_none(self) -> None:
        stranger = Profile(participant="Eve", facts=(Fact(kind="interest", text="coins", evidence=(0,)),))
        graded = answer("a", 0.9, "tea")
        spoiled = GradedAnswer(FIRST.id, "a", 0.9, graded.answer.model_copy(update={"profiles": (stranger,)}))
        self.assertEqual([profile.participant for profile in merged(spoiled).profiles], ["Ana", "Bo"])


class TestMergedRecord(unittest.TestCase):
    def test_labels_stay_behind(self) -> None:
        self.assertEqual(merged(answer("a", 0.9, "tea")).conversation, TALK.without_labels())

    def test_the_vector_is_the_unit_mean_of_the_lines_and_the_embedder_is_called_once(self) -> None:
        embedder = MeaningEmbedder()
        record = merged(answer("a", 0.9, "tea", facts=[interest("gardening", 0)]), embedder=embedder)
        self.assertEqual(embedder.calls, 1)
        self.assertAlmostEqual(sum(value**2 for value in record.embedding), 1, places=6)
        self.assertEqual(sum(value > 0 for value in record.embedding), len(TALK.lines))

    def test_a_talk_without_any_answer_still_has_its_record(self) -> None:
        record = merged()
        self.assertEqual((record.tags, len(record.windows), len(record.profiles)), ((), 2, 2))

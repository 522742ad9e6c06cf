"""What the five dimensions say of talks that are good, and of talks that were spoiled."""

import unittest

from hypothesis import given, settings
from hypothesis import strategies as st

from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import FloatArray
from conversation_genome.quality import Quality, assess
from conversation_genome.quality.reading import MAX_READ_LINES
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.quality.talks import TRAINS, talk


class CountingEmbedder(HashEmbedder):
    def __init__(self) -> None:
        self.asked: list[str] = []

    def embed(self, texts) -> FloatArray:
        self.asked += texts
        return super().embed(texts)


def quality(*texts: str) -> Quality:
    return assess(talk(*texts), HashEmbedder())


class TestSpoiledTalks(unittest.TestCase):
    def test_shuffled_lines_are_less_coherent(self) -> None:
        mixed = [TRAINS[place] for place in (0, 5, 9, 2, 7, 4, 1, 8, 3, 6)]
        self.assertLess(quality(*mixed).coherence, quality(*TRAINS).coherence)

    def test_lines_that_speak_by_name_to_who_has_not_spoken_are_less_coherent(self) -> None:
        lines = [
            (0, "Does sound work after the upgrade?"),
            (1, "My printer prints blank pages."),
            (2, "ann: which upgrade was that?"),
            (0, "cyd: the one of Monday."),
        ]
        told = Conversation(
            id="channel",
            participants=("ann", "bob", "cyd"),
            lines=tuple(Utterance(speaker=speaker, text=text) for speaker, text in lines),
        )
        mixed = told.model_copy(update={"lines": tuple(told.lines[place] for place in (3, 1, 2, 0))})
        self.assertLess(assess(mixed, HashEmbedder()).coherence, assess(told, HashEmbedder()).coherence)

    def test_lines_from_another_talk_are_less_relevant(self) -> None:
        spoiled = list(TRAINS)
        spoiled[3] = "Our goalkeeper broke two fingers catching a frozen ball."
        spoiled[6] = "Add vinegar once onions turn brown, never earlier."
        spoiled[8] = "Quarterly invoices arrive through accounting software."
        self.assertLess(quality(*spoiled).relevance, quality(*TRAINS).relevance)

    def test_repeated_lines_are_less_novel(self) -> None:
        self.assertLess(quality(*TRAINS[:5], *TRAINS[:5]).novelty, quality(*TRAINS).novelty)

    def test_word_salad_is_less_fluent(self) -> None:
        salad = [" ".join(sorted(line.split(), key=lambda word: word[::-1])) for line in TRAINS]
        self.assertLess(quality(*salad).fluency, quality(*TRAINS).fluency - 0.3)

    def test_a_broken_transcript_is_less_fluent(self) -> None:
        broken = [line.replace(" the ", " [inaudible] the the -- ") + " ???" for line in TRAINS]
        self.assertLess(quality(*broken).fluency, quality(*TRAINS).fluency)

    def test_one_word_answers_are_less_engaging(self) -> None:
        mute = [line if place % 2 == 0 else "ok" for place, line in enumerate(TRAINS)]
        self.assertLess(quality(*mute).engagement, quality(*TRAINS).engagement)

    def test_whatever_spoils_a_talk_makes_it_more_boring(self) -> None:
        best = quality(*TRAINS).boring_index
        for spoiled in (TRAINS[:3] * 4, ["ok"] * 10, [" ".join(sorted(line.split())) for line in TRAINS]):
            with self.subTest(spoiled[:2]):
                self.assertGreater(quality(*spoiled).boring_index, best)


class TestLines(unittest.TestCase):
    def test_every_line_has_its_number_and_an_empty_one_has_none_of_it(self) -> None:
        lines = quality(TRAINS[0], "  ", TRAINS[1]).lines
        self.assertEqual((len(lines), lines[1]), (3, 0.0))
        self.assertGreater(min(lines[0], lines[2]), 0)

    def test_a_line_that_repeats_is_worth_less_than_when_it_was_new(self) -> None:
        lines = quality(*TRAINS[:4], TRAINS[0]).lines
        self.assertLess(lines[4], lines[0])

    def test_what_comes_later_does_not_change_the_number_of_a_line(self) -> None:
        self.assertEqual(quality(*TRAINS[:5]).lines, quality(*TRAINS).lines[:5])


class TestAssessment(unittest.TestCase):
    def test_one_line_alone_has_a_quality(self) -> None:
        self.assertEqual(len(quality("hello").lines), 1)

    def test_names_and_ids_change_nothing(self) -> None:
        first = talk(*TRAINS)
        other = first.model_copy(update={"id": "other", "participants": ("Ann", "Bob"), "source": "elsewhere"})
        self.assertEqual(assess(first, HashEmbedder()), assess(other, HashEmbedder()))

    def test_a_long_talk_is_read_in_parts_and_every_line_has_its_number(self) -> None:
        embedder = CountingEmbedder()
        long = talk(*(f"line {number} about the sea" for number in range(3 * MAX_READ_LINES)))
        self.assertEqual(len(assess(long, embedder).lines), 3 * MAX_READ_LINES)
        self.assertLessEqual(len(embedder.asked), MAX_READ_LINES)

    @settings(max_examples=80, deadline=None)
    @given(st.lists(st.text(max_size=40), min_size=1, max_size=12).filter(lambda texts: any(t.strip() for t in texts)))
    def test_any_text_has_a_quality_and_twice_the_same(self, texts: list[str]) -> None:
        conversation: Conversation = talk(*texts)
        self.assertEqual(assess(conversation, HashEmbedder()), assess(conversation, HashEmbedder()))

"""Editions: what a window's editions share is measured once, and not one bit of a score tells of it."""

import hashlib
import random
import unittest
from collections.abc import Mapping
from unittest import mock

import numpy as np

from conversation_genome.annotation import GroundTruth, Tag
from conversation_genome.conversation import Window
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.scoring.similarity import VectorTable
from conversation_genome.tasks.base import ScoredAnswer
from conversation_genome.tasks.conversation_tagging.grading import grade, grade_editions
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.examples import example_conversation

TALKS = ("podcast-orchid-smuggling.txt", "discord-jardin-partage.json", "chat-filmkamera-shuuri.txt")
LINES = 24
ODD = ("ignore previous instructions", "people", "my life is", "C++", "人工智能", "Москва", "the", "orchids", "Orchid")
SCORES_OF_VERSION_5 = "a3b31d9df0a0a79eba215e17133df0fa07516d8af277c024258b3fc822da692d"
"""Digest of the scores and reasons that version 5 gave before editions shared anything."""

Editions = list[tuple[Window, Mapping[str, MinerAnswer]]]


def phrases(texts: list[str], chance: random.Random, *, count: int) -> tuple[Tag, ...]:
    """Return runs of two to six words of the texts."""
    found = []
    for _ in range(count):
        words = chance.choice(texts).split()
        start = chance.randrange(len(words))
        found.append(" ".join(words[start : start + chance.randint(2, 6)])[:64].strip())
    return tuple(Tag(text=text) for text in dict.fromkeys(found) if text)


def editions_of(name: str) -> tuple[GroundTruth, Editions]:
    """Return a window of a talk that ships without two lines each, and three answers to each edition."""
    talk, chance = example_conversation(name), random.Random(name)
    texts = [line.text for line in talk.lines[:LINES] if line.text.strip()]
    window = Window(conversation_id=talk.id, level=2, start=0, end=min(LINES, len(talk.lines)))
    pool = (*phrases(texts, chance, count=12), *(Tag(text=text) for text in ODD))
    truth = GroundTruth(engine="test/1", tags=(), windows={window.id: pool[:8]})
    editions: Editions = [(window, {})]
    for number in range(6):
        shown = window.showing([line for line in window.numbers if line not in {2 * number, 2 * number + 5}])
        answers = {
            f"{number}/{at}": MinerAnswer(task_id="w", tags=tuple(chance.sample(pool, 9)), engine="x")
            for at in range(3)
        }
        editions.append((shown, answers))
    return truth, editions


def alone(name: str) -> dict[str, ScoredAnswer]:
    """Return the scores of every answer, each graded by itself."""
    truth, editions = editions_of(name)
    talk, scored = example_conversation(name), {}
    for window, answers in editions:
        for miner, answer in answers.items():
            scored |= grade(talk, window, truth, {miner: answer}, HashEmbedder())
    return scored


def together(name: str, *, backwards: bool = False) -> dict[str, ScoredAnswer]:
    """Return the scores of every answer, all graded at once."""
    truth, editions = editions_of(name)
    ordered = [(window, dict(reversed(answers.items()))) for window, answers in reversed(editions)]
    every = grade_editions(example_conversation(name), truth, ordered if backwards else editions, HashEmbedder())
    return {miner: one for scored in every for miner, one in scored.items()}


def digest(every: list[dict[str, ScoredAnswer]]) -> str:
    told = [(miner, one.score.hex(), one.reasons) for scored in every for miner, one in sorted(scored.items())]
    return hashlib.sha256(repr(told).encode()).hexdigest()


class EditionTests(unittest.TestCase):
    def test_editions_scored_together_get_the_bits_that_they_get_alone(self) -> None:
        for name in TALKS:
            with self.subTest(name):
                self.assertEqual(together(name), alone(name))
                self.assertEqual(together(name, backwards=True), alone(name))

    def test_scores_are_those_that_this_version_gave_before_editions_shared_anything(self) -> None:
        every = [together(name) for name in TALKS]
        self.assertGreater(len({one.score for scored in every for one in scored.values()}), 30)
        self.assertEqual(digest(every), SCORES_OF_VERSION_5)

    def test_what_is_too_large_to_be_measured_at_once_is_measured_in_parts_to_the_same_bits(self) -> None:
        with mock.patch("conversation_genome.scoring.similarity._MOST_MEASURED", 0):
            self.assertEqual(digest([together(name) for name in TALKS]), SCORES_OF_VERSION_5)


class OneProduct(unittest.TestCase):
    def test_cosines_that_were_measured_together_are_looked_up_and_the_others_computed(self) -> None:
        texts = ["orchids", "customs", "a fungus on the roots", "moss"]
        table, alone = (VectorTable(texts, HashEmbedder().embed(texts)) for _ in range(2))
        table.measure(texts[:2], texts[1:3])
        with mock.patch("conversation_genome.scoring.similarity.cosines", side_effect=AssertionError("again")):
            known = table.cosines(["customs", "orchids"], [texts[2]])
        np.testing.assert_array_equal(known, alone.cosines(["customs", "orchids"], [texts[2]]))
        np.testing.assert_array_equal(table.cosines(texts, texts), alone.cosines(texts, texts))


if __name__ == "__main__":
    unittest.main()

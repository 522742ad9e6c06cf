"""Each miner is shown other lines, and none is graded by what it was not shown."""

import unittest

from conversation_genome.annotation import Fact, FactKind, GroundTruth, Profile, Tag
from conversation_genome.conversation import Conversation, Utterance, Window
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging
from conversation_genome.tasks.conversation_tagging.variation import FEWEST_LINES, fair_references, showing
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.unit.copies.statements import LINES, THINGS

TALK = Conversation(
    id="talk",
    participants=("Ann", "Ben", "Cid"),
    lines=tuple(Utterance(speaker=number % 3, text=text) for number, text in LINES.items()),
)
WINDOW = Window(conversation_id=TALK.id, level=2, start=0, end=10)
TAGS = tuple(Tag(text=thing) for thing in THINGS)
TRUTH = GroundTruth(engine="test/1", tags=TAGS, windows={WINDOW.id: TAGS})
KIND = ConversationTagging()
MINERS = [f"miner-{number}" for number in range(7)]


def varied(secret: bytes = b"secret", window: Window = WINDOW) -> dict[str, Window]:
    return KIND.vary(TALK, window, TRUTH, MINERS, secret)


class TestVaryingWindows(unittest.TestCase):
    def test_seven_miners_are_shown_seven_different_sets_of_lines(self) -> None:
        self.assertEqual(len({window.lines for window in varied().values()}), 7)

    def test_each_is_shown_most_of_the_window_under_its_own_id(self) -> None:
        for window in varied().values():
            self.assertEqual((window.id, len(window.lines or ())), (WINDOW.id, 8))

    def test_who_is_shown_what_depends_on_the_secret_alone(self) -> None:
        self.assertEqual(varied(), varied())
        self.assertNotEqual(varied(), varied(b"another"))

    def test_a_short_window_is_shown_whole(self) -> None:
        short = WINDOW.model_copy(update={"end": FEWEST_LINES - 1})
        self.assertEqual(set(varied(window=short).values()), {short})

    def test_lines_without_words_of_their_own_are_never_left_out(self) -> None:
        same = TALK.model_copy(update={"lines": (TALK.lines[0],) * 10})
        self.assertEqual(set(KIND.vary(same, WINDOW, TRUTH, MINERS, b"s").values()), {WINDOW})

    def test_an_answer_comes_back_to_the_lines_and_names_of_the_conversation(self) -> None:
        window = varied()["miner-0"]
        task = KIND.mask(TALK, window, task_id="t", max_tags=8, timeout_seconds=1)
        self.assertEqual([text for _, text in task.lines], [TALK.lines[at].text for at in window.lines or ()])
        fact = Fact(kind=FactKind.INTEREST, text="x", evidence=(3,))
        profile = Profile(participant=task.participants[task.lines[3][0]], facts=(fact,))
        answer = MinerAnswer(task_id="t", tags=(), profiles=(profile,), engine="e")
        (profile,) = KIND.unmask(answer, TALK, window).profiles
        at = (window.lines or ())[3]
        self.assertEqual(profile.facts[0].evidence, (at,))
        self.assertEqual(profile.participant, TALK.participants[TALK.lines[at].speaker])


class TestFairness(unittest.TestCase):
    def test_what_stands_only_in_lines_that_were_left_out_is_not_asked_for(self) -> None:
        left = fair_references(TALK, showing(WINDOW, range(2, 10)), TAGS)
        self.assertEqual([tag.text for tag in left], list(THINGS[2:]))

    def test_what_was_read_between_the_lines_is_still_asked_for(self) -> None:
        self.assertEqual(len(fair_references(TALK, showing(WINDOW, range(2, 10)), (Tag(text="astronomy"),))), 1)

    def test_whoever_names_all_it_was_shown_scores_as_one_who_was_shown_all(self) -> None:
        whole = self.score(WINDOW, THINGS)
        self.assertAlmostEqual(self.score(showing(WINDOW, range(2, 10)), THINGS[2:]), whole, places=2)

    def test_a_copied_tag_of_a_line_that_was_not_shown_earns_nothing(self) -> None:
        shown = showing(WINDOW, range(2, 10))
        self.assertLess(self.score(shown, THINGS), self.score(shown, THINGS[2:]))

    def score(self, window: Window, texts: tuple[str, ...]) -> float:
        answer = MinerAnswer(task_id=WINDOW.id, tags=tuple(Tag(text=text) for text in texts), engine="e")
        return KIND.score(TALK, window, TRUTH, {"one": answer}, HashEmbedder())["one"].score

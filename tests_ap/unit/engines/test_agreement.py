"""What several engines read is merged by agreement, and what they hardly agree on is not trusted."""

import unittest
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.annotation import Annotation, Aspect, GroundTruth, Tag
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.engines.agreement import AgreementEngine, agreement, merged_readings
from conversation_genome.errors import InputError
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder

EMBEDDER = HashEmbedder()
TALK = Conversation(
    id=ConversationId("talk"),
    participants=("Ann",),
    lines=(Utterance(speaker=0, text="The boat needs new oak frames."), Utterance(speaker=0, text="And rivets.")),
)
WINDOW = Window(conversation_id=TALK.id, level=2, start=0, end=2)
WORDS = st.sampled_from(["boat", "oak", "rivets", "tar", "keel"])


class FixedEngine:
    """Reads the same out of everything."""

    def __init__(self, name: str, **weights: float) -> None:
        self.name = name
        self.tags = tuple(Tag(text=text, weight=weight) for text, weight in weights.items())

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        return Annotation(tags=self.tags[:max_tags])

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        return [self.tags[:max_tags] for _ in windows]


def window_tags(*engines: FixedEngine, max_tags: int = 12) -> dict[str, float]:
    tags = AgreementEngine(engines, EMBEDDER).annotate_windows(TALK, [WINDOW], max_tags=max_tags)[0]
    return {tag.text: tag.weight for tag in tags}


class AgreementEngineTest(unittest.TestCase):
    def test_what_both_say_weighs_more_than_what_one_says(self) -> None:
        found = window_tags(FixedEngine("a", boat=0.8, tar=0.8), FixedEngine("b", boat=0.8, oak=0.6))
        self.assertEqual(found, {"boat": 0.8, "tar": 0.4, "oak": 0.3})

    def test_spellings_of_one_thing_are_one_tag(self) -> None:
        found = window_tags(FixedEngine("a", boat=1.0), FixedEngine("b", BOAT=0.5))
        self.assertEqual(found, {"boat": 0.75})

    def test_a_deed_agrees_with_the_thing_it_is_done_to_and_with_nothing_that_no_reading_names(self) -> None:
        deed, thing = FixedEngine("a"), FixedEngine("b", oak=0.5)
        deed.tags = (Tag(text="bending the oak", aspect=Aspect.ACTIVITY, weight=1.0),)
        self.assertEqual(window_tags(deed, thing), {"bending the oak": 0.75})
        self.assertEqual(window_tags(deed, FixedEngine("b", tar=0.5)), {})
        pool, swimming_pool = FixedEngine("a", pool=0.5), FixedEngine("b", **{"swimming pool": 1.0})
        self.assertEqual(window_tags(pool, swimming_pool), {})

    def test_no_more_tags_are_given_than_were_asked_for(self) -> None:
        engines = (FixedEngine("a", boat=1, oak=0.9, tar=0.8), FixedEngine("b", boat=1, oak=0.9, keel=0.8))
        self.assertEqual(list(window_tags(*engines, max_tags=2)), ["boat", "oak"])

    def test_a_window_on_which_nothing_agrees_gets_no_tags(self) -> None:
        self.assertEqual(window_tags(FixedEngine("a", boat=1.0), FixedEngine("b", keel=1.0)), {})

    def test_a_window_that_is_not_trusted_pays_nobody(self) -> None:
        engine = AgreementEngine((FixedEngine("a", boat=1.0), FixedEngine("b", keel=1.0)), EMBEDDER)
        kind = task_type("conversation_tagging")
        truth = kind.generate(TALK, [WINDOW], engine)
        answer = MinerAnswer(task_id="t", tags=(Tag(text="boat"), Tag(text="oak frames")), engine="test/1")
        self.assertEqual(kind.score(TALK, WINDOW, truth, {"m": answer}, EMBEDDER)["m"].score, 0.0)

    def test_a_window_that_the_ground_truth_does_not_name_is_graded_against_the_whole_talk(self) -> None:
        truth = GroundTruth(engine="test/1", tags=(Tag(text="boat"), Tag(text="oak frames")), windows={})
        answer = MinerAnswer(task_id="t", tags=(Tag(text="boat"), Tag(text="oak frames")), engine="test/1")
        scored = task_type("conversation_tagging").score(TALK, WINDOW, truth, {"m": answer}, EMBEDDER)
        self.assertGreater(scored["m"].score, 0.5)

    def test_its_name_tells_every_engine(self) -> None:
        self.assertEqual(AgreementEngine((FixedEngine("a"), FixedEngine("b")), EMBEDDER).name, "a+b")

    def test_one_engine_alone_is_no_agreement(self) -> None:
        with self.assertRaisesRegex(InputError, "two engines or more"):
            AgreementEngine((FixedEngine("a"),), EMBEDDER)

    @given(st.lists(st.dictionaries(WORDS, st.floats(0, 1)), min_size=1, max_size=4))
    def test_agreement_and_weights_are_shares_whatever_is_read(self, drawn: list[dict[str, float]]) -> None:
        readings = [tuple(Tag(text=text, weight=weight) for text, weight in one.items()) for one in drawn]
        groups = {text: text for one in drawn for text in one}
        self.assertTrue(0 <= agreement(readings, groups) <= 1)
        merged = merged_readings(readings, groups)
        self.assertEqual({tag.text for tag in merged}, set(groups))
        self.assertEqual([tag.weight for tag in merged], sorted((tag.weight for tag in merged), reverse=True))

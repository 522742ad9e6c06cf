"""A talk that is not English is tagged, embedded, graded and merged with the model of its language."""

import unittest
from datetime import UTC, datetime
from functools import cache

from conversation_genome.annotation import GroundTruth, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.use_multilingual import MODEL
from conversation_genome.engines.conversation_vector import conversation_vector, embedder_of
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import Embeddings, MinerAnswer
from conversation_genome.quality.assessment import assess
from conversation_genome.scoring import SCORING_VERSION
from conversation_genome.tasks.conversation_tagging.merging import GradedAnswer, merge
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging
from tests_ap.examples import example_conversation, ready_embedder

KIND = ConversationTagging()


@cache
def japanese() -> Conversation:
    return example_conversation("chat-filmkamera-shuuri.txt").model_copy(update={"language": "ja"})


def window() -> Window:
    return Window(conversation_id=japanese().id, level=2, start=0, end=12)


def truth() -> GroundTruth:
    tags = tuple(Tag(text=text) for text in ("フィルムカメラ", "カメラの修理", "レンズのカビ", "祖父の形見"))
    return GroundTruth(engine="by hand", tags=tags, windows={window().id: tags}, profiles=())


def answer(*texts: str, embeddings: Embeddings | None = None) -> MinerAnswer:
    return MinerAnswer(
        task_id="t", tags=tuple(Tag(text=text) for text in texts), embeddings=embeddings, engine="by hand"
    )


def scores(**answers: MinerAnswer) -> dict[str, float]:
    graded = KIND.score(japanese(), window(), truth(), answers, ready_embedder())
    return {name: one.score for name, one in graded.items()}


class OtherLanguagesTest(unittest.TestCase):
    def test_other_words_for_the_same_things_earn_more_than_things_of_another_talk(self) -> None:
        found = scores(
            same=answer("古いカメラ", "故障の直し方", "レンズの掃除"),
            half=answer("古いカメラ", "住宅ローン", "火山の噴火"),
            other=answer("住宅ローン", "火山の噴火", "犬の散歩"),
        )
        self.assertGreater(found["same"], 2 * found["half"])
        self.assertGreater(found["half"], 5 * found["other"])

    def test_an_engines_answer_carries_the_name_and_revision_of_its_languages_model(self) -> None:
        task = KIND.mask(japanese(), window(), task_id="t", max_tags=8, timeout_seconds=5)
        made = KIND.run(task, load_engine("extractive", ready_embedder()), ready_embedder())
        self.assertEqual(task.language, "ja")
        self.assertIsNotNone(made.embeddings)
        assert made.embeddings is not None
        sent = (made.embeddings.model, made.embeddings.revision, made.embeddings.dimensions)
        self.assertEqual(sent, (MODEL.name, MODEL.revision, MODEL.dimensions))
        self.assertGreater(scores(made=KIND.unmask(made, japanese(), window()))["made"], 0)

    def test_a_false_vector_of_the_languages_model_earns_nothing_and_one_of_another_model_is_not_looked_at(
        self,
    ) -> None:
        false = (1.0, *(0.0 for _ in range(MODEL.dimensions - 1)))
        made = {
            name: answer(
                "フィルムカメラ", embeddings=Embeddings(**named, dimensions=MODEL.dimensions, vectors=(false,))
            )
            for name, named in {
                "false": {"model": MODEL.name},
                "false_of_revision": {"model": MODEL.name, "revision": MODEL.revision},
                "other_revision": {"model": MODEL.name, "revision": "another"},
                "other_model": {"model": "all-MiniLM-L6-v2"},
            }.items()
        }
        found = scores(**made)
        self.assertEqual((found["false"], found["false_of_revision"]), (0, 0))
        self.assertGreater(min(found["other_revision"], found["other_model"]), 0.1)

    def test_the_record_says_which_model_made_its_vector(self) -> None:
        graded = GradedAnswer(
            window_id=window().id, miner_hotkey="m", score=0.9, answer=answer("フィルムカメラ", "ふぃるむカメラ")
        )
        record = merge(
            japanese(),
            [window()],
            [graded],
            embedder=ready_embedder(),
            quality=assess(japanese(), ready_embedder()),
            miners=1,
            validators=1,
            scoring_version=SCORING_VERSION,
            merged_at=datetime(2026, 1, 1, tzinfo=UTC),
        )
        self.assertEqual((record.embedding_model, len(record.embedding)), (MODEL, MODEL.dimensions))

    def test_where_no_language_is_stated_the_words_decide_the_model(self) -> None:
        unstated = japanese().model_copy(update={"language": None})
        self.assertEqual(embedder_of(unstated, ready_embedder()).model, MODEL)
        self.assertEqual(conversation_vector(unstated, ready_embedder()).shape, (MODEL.dimensions,))

"""The honest behaviour runs the task's type, bounded, and keeps its log."""

import json
import tempfile
import unittest
from collections.abc import Sequence
from pathlib import Path

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.errors import InputError
from conversation_genome.testing.embedder import HashEmbedder
from miner.answer_log import AnswerLog, task_digest
from miner.honest import Honest
from tests_ap.unit.miner.tasks import a_task


class LongestWords:
    """An engine whose tags are the longest words."""

    name = "longest-words/1"

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        words = {word.strip(".,?") for line in conversation.lines for word in line.text.split()}
        longest = sorted(words, key=lambda word: (-len(word), word))[:max_tags]
        return Annotation(tags=tuple(Tag(text=word) for word in longest))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        raise NotImplementedError


class TestHonest(unittest.TestCase):
    def honest(self, max_tags: int = 3, log: AnswerLog | None = None) -> Honest:
        return Honest(LongestWords(), HashEmbedder(), max_tags=max_tags, log=log)

    def test_the_answer_is_the_engines_with_a_vector_a_tag(self) -> None:
        answer = self.honest().answer(a_task())
        self.assertEqual([tag.text for tag in answer.tags], ["grandmother", "sourdough", "starter"])
        self.assertEqual((answer.task_id, answer.engine), ("task-1", "longest-words/1"))
        self.assertEqual(len(answer.embeddings.vectors), 3)

    def test_neither_side_gets_more_tags_than_it_allows(self) -> None:
        self.assertEqual(len(self.honest(max_tags=40).answer(a_task(max_tags=2)).tags), 2)
        self.assertEqual(len(self.honest(max_tags=1).answer(a_task(max_tags=2)).tags), 1)

    def test_a_task_type_that_is_not_known_is_refused(self) -> None:
        with self.assertRaisesRegex(InputError, "no task type 'juggling'; known are: conversation_tagging"):
            self.honest().answer(a_task(task_type="juggling"))

    def test_what_it_answers_is_logged_under_the_tasks_digest(self) -> None:
        with tempfile.TemporaryDirectory() as folder:
            honest = self.honest(log=AnswerLog(Path(folder) / "log.jsonl"))
            answer = honest.answer(a_task())
            honest.close()
            entry = json.loads((Path(folder) / "log.jsonl").read_text())
        self.assertEqual((entry["digest"], entry["answer"]), (task_digest(a_task()), answer.model_dump(mode="json")))

"""ConversationTagging: what a talk is about and who is talking, window by window."""

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from conversation_genome.annotation import GroundTruth, Tag
from conversation_genome.conversation import Conversation, ConversationId, Utterance, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.engines.base import Engine
from conversation_genome.protocol.messages import Embeddings, MinerAnswer, MinerTask
from conversation_genome.scoring import SCORING_VERSION
from conversation_genome.scoring.copies import CopyEvidence, Statement, compare
from conversation_genome.tasks.base import Given, ScoredAnswer
from conversation_genome.tasks.conversation_tagging.baselines import baseline_answers
from conversation_genome.tasks.conversation_tagging.checking import checked_answer
from conversation_genome.tasks.conversation_tagging.grading import grade, grade_editions
from conversation_genome.tasks.conversation_tagging.masking import masked_task, unmasked_answer
from conversation_genome.tasks.conversation_tagging.variation import editions, line_numbers

REFERENCE_TAGS: Final = 12
"""Of a window: about what a person would write; of the whole conversation twice as many."""
_DIGITS: Final = 6
"""Of a number in a vector: 1e-6, a tenth of what backends may differ by."""


class ConversationTagging:
    """Tags and profiles of a window, graded against what is known of the whole conversation."""

    name: Final = "conversation_tagging"

    @property
    def scoring_version(self) -> str:
        """The grading's version."""
        return SCORING_VERSION

    def generate(self, conversation: Conversation, windows: Sequence[Window], engine: Engine) -> GroundTruth:
        """Return the reference tags of the conversation and each window, and the profiles."""
        whole = engine.annotate(conversation, max_tags=2 * REFERENCE_TAGS)
        tags = engine.annotate_windows(conversation, windows, max_tags=REFERENCE_TAGS)
        return GroundTruth(
            engine=engine.name,
            tags=whole.tags,
            windows={window.id: own for window, own in zip(windows, tags, strict=True)},
            profiles=whole.profiles,
        )

    def mask(
        self, conversation: Conversation, window: Window, *, task_id: str, max_tags: int, timeout_seconds: float
    ) -> MinerTask:
        """Return the window with speakers renumbered by first appearance.

        Raises:
            InputError: If the window is larger than a task may be.
        """
        return masked_task(
            conversation,
            window,
            task_type=self.name,
            task_id=task_id,
            max_tags=max_tags,
            timeout_seconds=timeout_seconds,
        )

    def vary(
        self,
        conversation: Conversation,
        window: Window,
        ground_truth: GroundTruth,
        miners: Sequence[str],
        secret: bytes,
    ) -> dict[str, Window]:
        """Return what each miner is shown of the window, with different lines left out."""
        return editions(conversation, window, ground_truth.windows.get(window.id, ()), miners, secret)

    def run(self, task: MinerTask, engine: Engine, embedder: Embedder) -> MinerAnswer:
        """Answer a task with an engine's tags and profiles, and the tags' vectors by the model of the task's language."""
        if not any(text.strip() for _, text in task.lines):
            return MinerAnswer(task_id=task.task_id, tags=(), engine=engine.name)
        conversation = Conversation(
            id=ConversationId(task.task_id),
            participants=task.participants,
            lines=tuple(Utterance(speaker=speaker, text=text) for speaker, text in task.lines),
            language=task.language,
        )
        annotation = engine.annotate(conversation, max_tags=task.max_tags)
        return MinerAnswer(
            task_id=task.task_id,
            tags=annotation.tags,
            profiles=annotation.profiles,
            embeddings=_embeddings(annotation.tags, embedder_for(embedder, task.language)),
            engine=engine.name,
        )

    def check(self, body: bytes, task: MinerTask) -> MinerAnswer:
        """Return the answer that the bytes hold.

        Raises:
            AnswerTooLargeError: If there are more bytes than a validator reads.
            AnswerMalformedError: If they are not an answer to this task.
        """
        return checked_answer(body, task)

    def unmask(self, answer: MinerAnswer, conversation: Conversation, window: Window) -> MinerAnswer:
        """Return the answer with real participants and line numbers, and two vectors for the spot check."""
        return unmasked_answer(answer, conversation, window)

    def score(
        self,
        conversation: Conversation,
        window: Window,
        ground_truth: GroundTruth,
        answers: Mapping[str, MinerAnswer],
        embedder: Embedder,
    ) -> dict[str, ScoredAnswer]:
        """Return what each unmasked answer earns."""
        return grade(conversation, window, ground_truth, answers, embedder)

    def score_editions(
        self,
        conversation: Conversation,
        ground_truth: GroundTruth,
        editions: Sequence[tuple[Window, Mapping[str, MinerAnswer]]],
        embedder: Embedder,
    ) -> list[dict[str, ScoredAnswer]]:
        """Return what `score` returns of each window as it was shown: the same bits, for less work."""
        return grade_editions(conversation, ground_truth, editions, embedder)

    def compare(self, conversation: Conversation, given: Mapping[str, Given]) -> CopyEvidence:
        """Return what the answers to one window tell of each other."""
        shown = {name: frozenset(line_numbers(one.shown)) for name, one in given.items()}
        lines = {number: conversation.lines[number].text for number in frozenset().union(*shown.values())}
        return compare(lines, {name: _statement(one, shown[name]) for name, one in given.items()})

    def baselines(self, conversation: Conversation, window: Window) -> dict[str, MinerAnswer]:
        """Return the hidden answers that understand nothing."""
        return baseline_answers(conversation, window)


def _statement(given: Given, shown: frozenset[int]) -> Statement:
    facts = tuple(fact.text for profile in given.answer.profiles for fact in profile.facts)
    return Statement(shown, tuple(tag.text for tag in given.answer.tags), facts, given.seconds)


def _embeddings(tags: Sequence[Tag], embedder: Embedder) -> Embeddings:
    vectors = embedder.embed([tag.text for tag in tags]).astype(np.float64).round(_DIGITS)
    return Embeddings(
        model=embedder.model.name,
        revision=embedder.model.revision,
        dimensions=embedder.model.dimensions,
        vectors=tuple(map(tuple, vectors.tolist())),
    )

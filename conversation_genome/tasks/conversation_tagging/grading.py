"""Grading: answers to one window become scores, with one call of the embedder.

Validators call it with all answers at once, the server again with one at a time: the scores are equal.
"""

from collections.abc import Mapping

from conversation_genome.annotation import GroundTruth
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.scoring import Answer, Reference, ScoringWindow, SpokenLine, score_answers, texts_to_embed
from conversation_genome.tasks.base import ScoredAnswer


def grade(
    conversation: Conversation,
    window: Window,
    ground_truth: GroundTruth,
    answers: Mapping[str, MinerAnswer],
    embedder: Embedder,
) -> dict[str, ScoredAnswer]:
    """Return what each unmasked answer earns; one answer never changes another's score.

    Raises:
        ModelUnavailableError: If the embedding model cannot be used.
    """
    subject = _scoring_window(conversation, window, ground_truth)
    read = {
        name: Answer(tags=tuple(tag.text for tag in answer.tags), profiles=answer.profiles)
        for name, answer in answers.items()
    }
    texts = texts_to_embed(subject, read.values())
    grades = score_answers(subject, read, texts, embedder.embed(texts))
    return {name: ScoredAnswer(score=result.score, reasons=result.reasons) for name, result in grades.items()}


def _scoring_window(conversation: Conversation, window: Window, ground_truth: GroundTruth) -> ScoringWindow:
    numbers = (
        window.lines if window.lines is not None else range(window.start, min(window.end, len(conversation.lines)))
    )
    spoken = {
        number: SpokenLine(conversation.participants[line.speaker], line.text)
        for number in numbers
        for line in (conversation.lines[number],)
    }
    references = ground_truth.windows.get(window.id) or ground_truth.tags
    return ScoringWindow(
        references=tuple(Reference(tag.text, tag.weight) for tag in references),
        utterances=tuple(line.text for line in spoken.values()),
        lines=spoken,
    )

"""Grading: answers to one window become scores, with one call of the embedder.

Validators call it with all answers at once, the server again with one at a time: the scores are equal.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from conversation_genome.annotation import GroundTruth
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder, EmbeddingModel
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.embedding.scales import scale_of
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.scoring import Answer, Edition, Reference, ScoringWindow, SpokenLine, score_editions
from conversation_genome.scoring.integrity import is_true_vector
from conversation_genome.scoring.similarity import FloatArray
from conversation_genome.tasks.base import ScoredAnswer
from conversation_genome.tasks.conversation_tagging.variation import fair_references


def grade(
    conversation: Conversation,
    window: Window,
    ground_truth: GroundTruth,
    answers: Mapping[str, MinerAnswer],
    embedder: Embedder,
) -> dict[str, ScoredAnswer]:
    """Return what each unmasked answer earns; one answer never changes another's score.

    The conversation's language decides the model, and with it the scale on which cosines are read.

    Raises:
        ModelUnavailableError: If the embedding model cannot be used.
    """
    return grade_editions(conversation, ground_truth, [(window, answers)], embedder)[0]


def grade_editions(
    conversation: Conversation,
    ground_truth: GroundTruth,
    editions: Sequence[tuple[Window, Mapping[str, MinerAnswer]]],
    embedder: Embedder,
) -> list[dict[str, ScoredAnswer]]:
    """Return what `grade` returns of each window as it was shown, with what they have in common done once.

    Raises:
        ModelUnavailableError: If the embedding model cannot be used.
    """
    embedder = embedder_for(embedder, conversation.language)
    read = [Edition.of(_scoring_window(conversation, window, ground_truth), _read(own)) for window, own in editions]
    checks = [{name: _spot_checks(answer, embedder.model) for name, answer in own.items()} for _, own in editions]
    texts = sorted(set().union(*(edition.to_embed() for edition in read)))
    checked = sorted({text for every in checks for some in every.values() for text, _ in some})
    vectors = embedder.embed([*texts, *checked])
    true_vectors = dict(zip(checked, vectors[len(texts) :].astype(np.float64), strict=True))
    grades = score_editions(read, texts, vectors[: len(texts)], scale=scale_of(embedder.model))
    return [
        {
            name: _false_vector(own[name], true_vectors) or ScoredAnswer(score=result.score, reasons=result.reasons)
            for name, result in results.items()
        }
        for own, results in zip(checks, grades, strict=True)
    ]


def _read(answers: Mapping[str, MinerAnswer]) -> dict[str, Answer]:
    return {
        name: Answer(tags=tuple(tag.text for tag in answer.tags), profiles=answer.profiles)
        for name, answer in answers.items()
    }


def _spot_checks(answer: MinerAnswer, model: EmbeddingModel) -> list[tuple[str, FloatArray]]:
    """Return (tag, vector as it was sent) of the vectors that are looked at; none if another model made them."""
    if answer.embeddings is None or answer.embeddings.model != model.name:
        return []
    if answer.embeddings.revision not in (None, model.revision):
        return []
    pairs = zip(answer.tags, answer.embeddings.vectors, strict=False)
    return [(tag.text, np.array(vector, dtype=np.float64)) for tag, vector in pairs if vector]


def _false_vector(
    checks: Sequence[tuple[str, FloatArray]], true_vectors: Mapping[str, FloatArray]
) -> ScoredAnswer | None:
    """Return what an answer with a false vector earns: nothing; None for any other."""
    for text, sent in checks:
        if not is_true_vector(sent, true_vectors[text]):
            return ScoredAnswer(score=0.0, reasons=(f"the vector that was sent for {text!r} is not that tag's",))
    return None


def _scoring_window(conversation: Conversation, window: Window, ground_truth: GroundTruth) -> ScoringWindow:
    numbers = (
        window.lines if window.lines is not None else range(window.start, min(window.end, len(conversation.lines)))
    )
    spoken = {
        number: SpokenLine(conversation.participants[line.speaker], line.text)
        for number in numbers
        for line in (conversation.lines[number],)
    }
    references = fair_references(conversation, window, ground_truth.windows.get(window.id, ground_truth.tags))
    return ScoringWindow(
        references=tuple(Reference(tag.text, tag.weight) for tag in references),
        utterances=tuple(line.text for line in spoken.values()),
        lines=spoken,
    )

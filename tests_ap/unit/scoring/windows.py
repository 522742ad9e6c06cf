"""A window, and a way to score tags against it with the real model or without one."""

from collections.abc import Mapping, Sequence

from conversation_genome.embedding.base import Embedder
from conversation_genome.scoring import (
    Answer,
    Grade,
    Reference,
    ScoringWindow,
    SpokenLine,
    score_answers,
    texts_to_embed,
)

REFERENCES = ("National Football League", "quarterback", "pre-season games", "player salaries", "stadium food")
LINES = (
    "Do you like or follow the NFL?",
    "Yes, I love watching the quarterback throw in preseason games.",
    "Players earn so much money these days, their salaries are crazy.",
    "The nachos at the stadium are great though.",
    "I think Andrew Luck is the best, his arm is back in shape.",
)
HONEST = ("American football", "quarterback play", "NFL preseason", "athletes' pay", "nachos at the stadium")


def window(references: Sequence[str] = REFERENCES, lines: Sequence[str] = LINES) -> ScoringWindow:
    spoken = {number: SpokenLine(f"SPEAKER_{number % 2}", text) for number, text in enumerate(lines)}
    return ScoringWindow(tuple(map(Reference, references)), tuple(lines), spoken)


def graded(subject: ScoringWindow, answers: Mapping[str, Answer], embedder: Embedder) -> dict[str, Grade]:
    texts = texts_to_embed(subject, answers.values())
    return score_answers(subject, answers, texts, embedder.embed(texts))


def scores(
    answers: Mapping[str, Sequence[str]], embedder: Embedder, subject: ScoringWindow | None = None
) -> dict[str, float]:
    read = {name: Answer(tags=tuple(tags)) for name, tags in answers.items()}
    return {name: grade.score for name, grade in graded(subject or window(), read, embedder).items()}

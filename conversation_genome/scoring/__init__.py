"""Scoring: vectors come in, scores go out. Pure, versioned, and the same bits everywhere."""

from conversation_genome.scoring.answers import (
    SCORING_VERSION,
    Answer,
    Grade,
    ScoringWindow,
    score_answers,
    texts_to_embed,
)
from conversation_genome.scoring.profiles import SpokenLine
from conversation_genome.scoring.scale import Scale
from conversation_genome.scoring.window import Reference

__all__ = [
    "SCORING_VERSION",
    "Answer",
    "Grade",
    "Reference",
    "Scale",
    "ScoringWindow",
    "SpokenLine",
    "score_answers",
    "texts_to_embed",
]

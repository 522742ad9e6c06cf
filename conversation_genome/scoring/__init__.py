"""Scoring: vectors come in, scores go out. Pure, versioned, and the same bits everywhere."""

from conversation_genome.scoring.answers import (
    SCORING_VERSION,
    Answer,
    Edition,
    Grade,
    ScoringWindow,
    score_answers,
    score_editions,
    texts_to_embed,
)
from conversation_genome.scoring.profiles import SpokenLine
from conversation_genome.scoring.scale import Scale
from conversation_genome.scoring.window import Reference

__all__ = [
    "SCORING_VERSION",
    "Answer",
    "Edition",
    "Grade",
    "Reference",
    "Scale",
    "ScoringWindow",
    "SpokenLine",
    "score_answers",
    "score_editions",
    "texts_to_embed",
]

"""From a conversation to its quality: the dimensions, weighed into one index and one number a line."""

from typing import Final

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.quality import dimensions
from conversation_genome.quality.base import Quality
from conversation_genome.quality.dimensions import Numbers
from conversation_genome.quality.reading import Reading, read

WEIGHTS: Final = {"relevance": 0.2, "engagement": 0.3, "novelty": 0.15, "coherence": 0.2, "fluency": 0.15}
"""What each dimension weighs in the index; they sum to 1."""


LINE_WEIGHTS: Final = {"uptake": 0.35, "engagement": 0.25, "novelty": 0.2, "fluency": 0.2}
"""What makes the number of a single line; they sum to 1."""


def assess(conversation: Conversation, embedder: Embedder) -> Quality:
    """Return the quality of a conversation: equal input, equal bits.

    The Boring Index is 1 less the weighted mean of the five dimensions.
    """
    reading = read(conversation, embedder)
    by_line = {
        "uptake": dimensions.uptake(reading),
        "engagement": dimensions.engagement(reading),
        "novelty": dimensions.novelty(reading),
        "fluency": dimensions.fluency(reading),
    }
    scores = {
        "relevance": _rounded(dimensions.relevance(reading)),
        "coherence": _rounded(dimensions.coherence(reading)),
        **{name: _rounded(float(by_line[name].mean())) for name in ("engagement", "novelty", "fluency")},
    }
    lines = sum((weight * by_line[name] for name, weight in LINE_WEIGHTS.items()), np.zeros(len(reading)))
    return Quality(
        **scores,
        boring_index=_rounded(1 - sum(weight * scores[name] for name, weight in WEIGHTS.items())),
        lines=_every_line(conversation, reading, lines),
    )


def _every_line(conversation: Conversation, reading: Reading, values: Numbers) -> tuple[float, ...]:
    """Return one number a line: 0 for an empty line, and between read blocks what lies between them."""
    every = np.interp(np.arange(len(conversation.lines)), reading.numbers, values)
    return tuple(
        _rounded(float(value)) if line.text.strip() else 0.0
        for value, line in zip(every, conversation.lines, strict=True)
    )


def _rounded(value: float) -> float:
    """Return the number to six places: what is below is the machine's, not the talk's."""
    return round(min(1.0, max(0.0, value)), 6)

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


def assess(conversation: Conversation, embedder: Embedder) -> Quality:
    """Return the quality of a conversation: equal input, equal bits.

    The Boring Index is 1 less the weighted mean of the five dimensions.
    """
    reading = read(conversation, embedder)
    by_line = _dimensions(reading)
    scores = {name: _rounded(float(values.mean())) for name, values in by_line.items()}
    overall = sum(WEIGHTS[name] * scores[name] for name in WEIGHTS)
    lines = sum(WEIGHTS[name] * by_line[name] for name in WEIGHTS)
    return Quality(
        relevance=scores["relevance"],
        engagement=scores["engagement"],
        novelty=scores["novelty"],
        coherence=scores["coherence"],
        fluency=scores["fluency"],
        boring_index=_rounded(1 - overall),
        lines=_every_line(conversation, reading, np.asarray(lines, dtype=np.float64)),
    )


def _dimensions(reading: Reading) -> dict[str, Numbers]:
    return {
        "relevance": dimensions.relevance(reading),
        "engagement": dimensions.engagement(reading),
        "novelty": dimensions.novelty(reading),
        "coherence": dimensions.coherence(reading),
        "fluency": dimensions.fluency(reading),
    }


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

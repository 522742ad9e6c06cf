"""From a conversation to its quality: the dimensions, weighed into one index and one number a line."""

from typing import Final

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.quality import dimensions
from conversation_genome.quality.base import Dimensions, Numbers, Quality
from conversation_genome.quality.fluency import fluency
from conversation_genome.quality.gate import refusal_of
from conversation_genome.quality.judge import Judge
from conversation_genome.quality.reading import Reading, read

WEIGHTS: Final = {"relevance": 0.3, "engagement": 0.1, "novelty": 0.2, "coherence": 0.1, "fluency": 0.3}
"""What each dimension weighs in the index; they sum to 1."""

LINES_SHARE: Final = 0.7
"""What the lines weigh in the index beside the dimensions of the whole talk; nothing with a judge."""
LINE_WEIGHTS: Final = {"relevance": 0.45, "coherence": 0.37, "engagement": 0.18}
"""What makes the number of a single line; they sum to 1. The other two are factors: what is copied is worth little
however well it fits, and so is what nobody can read."""
LEAST_FACTOR: Final = 0.2
"""What is left of a line that copies, and of one that does not read like language."""
SOUND: Final = 0.55
"""Fluency from which nothing is wrong with a line: sound lines shall not be told apart by it."""


def assess(conversation: Conversation, embedder: Embedder, judge: Judge | None = None) -> Quality:
    """Return the quality of a conversation: equal input, equal bits, unless a judge is asked.

    The Boring Index is 1 less the weighted mean of the five dimensions: by those of the whole talk, and more by
    those of its lines as a reader meets them. A judge is asked for the former only where the
    gate lets the talk through, and then they alone make the index; all else is read by the formulas.

    Raises:
        LlmError: If the judge gives no answer that can be used.
    """
    reading = read(conversation, embedder)
    by_line = by_line_of(reading)
    by_reader = line_quality(by_line)
    if judge is not None and refusal_of(conversation) is None:
        rated, share = judge.dimensions(conversation), 0.0
    else:
        rated, share = _dimensions(reading, by_line), LINES_SHARE
    scores = rated.model_dump()
    whole = sum(weight * scores[name] for name, weight in WEIGHTS.items())
    return Quality(
        **scores,
        boring_index=_rounded(1 - (1 - share) * whole - share * dimensions.mean_for_reader(by_reader)),
        lines=_every_line(conversation, reading, by_reader),
    )


def _dimensions(reading: Reading, by_line: dict[str, Numbers]) -> Dimensions:
    return Dimensions(
        relevance=_rounded(dimensions.relevance(reading, by_line["relevance"] * by_line["novelty"])),
        coherence=_rounded(dimensions.coherence(reading)),
        **{name: _rounded(float(by_line[name].mean())) for name in ("engagement", "novelty", "fluency")},
    )


def by_line_of(reading: Reading) -> dict[str, Numbers]:
    """Return what each line has of the five dimensions, given the lines before it."""
    return {
        "relevance": dimensions.relevance_so_far(reading),
        "coherence": dimensions.follows(reading),
        "engagement": dimensions.engagement(reading),
        "novelty": dimensions.novelty(reading),
        "fluency": fluency(reading),
    }


def line_quality(by_line: dict[str, Numbers]) -> Numbers:
    """Return the number of each line: how it fits and what it gives, less what it copies and what is broken."""
    fit = sum((weight * by_line[name] for name, weight in LINE_WEIGHTS.items()), np.zeros(len(by_line["novelty"])))
    sound = np.minimum(1.0, by_line["fluency"] / SOUND) ** 2
    return fit * _factor(sound) * _factor(by_line["novelty"])


def _factor(values: Numbers) -> Numbers:
    return LEAST_FACTOR + (1 - LEAST_FACTOR) * values


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

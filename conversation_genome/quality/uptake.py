"""Uptake: whether a line says again what the lines before it were about, by word.

Names and rare things are what a model of meaning knows least, and what people who follow each other repeat
(lexical cohesion by reiteration: Halliday & Hasan, Cohesion in English, 1976, ch. 6).
"""

from typing import Final

import numpy as np

from conversation_genome.quality.base import Numbers
from conversation_genome.quality.reading import Reading
from conversation_genome.quality.transitions import ENGLISH, table

REACH_LINES: Final = 3
"""How many lines before a line count."""
LEAST_LETTERS: Final = 4
"""Shorter words are mostly grammar, in whatever language; two letters of a script without blanks are no word."""
STEM_LETTERS: Final = 5
"""What of a word is compared: "cooking" takes up "cooked"."""


def uptake(reading: Reading) -> Numbers:
    """Return how many words of substance each line takes up, saturating at two: shape (n,), in [0, 1), first 0."""
    stems = [_stems(words) for words in reading.words]
    shared = [len(own & set().union(*stems[max(0, at - REACH_LINES) : at])) for at, own in enumerate(stems)]
    return np.asarray(1 - np.exp(-np.array(shared, dtype=np.float64)))


def _stems(words: tuple[str, ...]) -> set[str]:
    common = table(ENGLISH).words
    return {word[:STEM_LETTERS] for word in words if len(word) >= LEAST_LETTERS and word not in common}

"""Marks: what of a text can be recognised in another, however it is inflected, cased or ordered."""

from functools import lru_cache
from typing import Final

from conversation_genome.scoring.background import EMPTY_WORDS, background_spellings
from conversation_genome.scoring.wording import bigrams, is_spaced, normalise, stem, words

ROOT_LETTERS: Final = 6
"""Letters of a stem that are compared: `negotiation`, `negotiating` and `negotiate` have one root."""


@lru_cache(maxsize=65536)
def roots(text: str) -> frozenset[str]:
    """Return the roots of a text's telling words; pairs of characters where the script puts no spaces.

    Words that name nothing alone and words that fit any conversation are left out: anybody may say them.
    """
    plain = normalise(text)
    if not is_spaced(plain):
        return frozenset(pair for pair in bigrams(plain) if len(pair) > 1)
    parts = (part for word in words(plain) if word not in EMPTY_WORDS for part in word.split("-"))
    stems = (stem(part) for part in parts if part and part not in EMPTY_WORDS)
    return frozenset(_root(part) for part in stems if len(part) > 1 and part not in background_spellings())


def _root(part: str) -> str:
    return (part[:-1] + "i" if part.endswith("y") else part)[:ROOT_LETTERS]

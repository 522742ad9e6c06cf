"""When a fact says what a person wrote of themselves.

English: cosine of all-MiniLM-L6-v2 at least .65 and a word in common, or at least .8. The threshold comes from 99
pairs (persona sentence, nearest first-person statement of its speaker) drawn evenly from cosines .40 to .90 of the
tuning half and judged by hand: of .60 to .65 one in eleven says the same, of .65 to .70 seven in thirteen, above
that 27 in 33; agreement with the judge is .76 at .60, .86 at .65 and .85 at .70.

Japanese, which that model does not read: a run of kanji or katakana of two signs or more in common, those left out
that more than 3 % of all sentences of the set hold.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.scoring.wording import normalise, stem, words

LEAST = 0.65
SURE = 0.8
_EMPTY = frozenset(
    "i am is are was be been a an the my of to in on at for and or with have has had do does not like love enjoy it that this me we our as by from very really so most".split()  # noqa: SIM905
)
_RUN = re.compile(r"[\u4e00-\u9fff々]{2,}|[\u30a0-\u30ffー]{2,}")
_COMMON = 0.03


def likeness(facts: Sequence[str], personas: Sequence[str], embedder: Embedder) -> FloatArray:
    """Return how far each fact says each persona sentence, shape (facts, personas): the cosine, 0 where it is no match."""
    if not facts or not personas:
        return np.zeros((len(facts), len(personas)), dtype=np.float32)
    cosines = embedder.embed(list(facts)) @ embedder.embed(list(personas)).T
    ours, theirs = list(map(_telling, facts)), list(map(_telling, personas))
    shares = np.array([[bool(left & right) for right in theirs] for left in ours])
    return np.where((cosines >= SURE) | ((cosines >= LEAST) & shares), cosines, 0.0)


def _telling(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in words(normalise(text)) if word not in _EMPTY)


def japanese_terms(sentences: Sequence[str]) -> list[frozenset[str]]:
    """Return the terms of each sentence, without those that are everywhere."""
    held = [frozenset(_RUN.findall(sentence)) for sentence in sentences]
    counts = Counter(term for terms in held for term in terms)
    common = {term for term, count in counts.items() if count > _COMMON * len(sentences)}
    return [terms - common for terms in held]

"""Acts: whether what a line does is called for by what the lines before it did, whatever they are about.

A question calls for an answer, an offer for its acceptance, and what nothing calls for is a stranger's
(conditional relevance: Schegloff, American Anthropologist 70, 1968). What a line does shows in its common words,
its first word, its marks and its length, and hardly in its subject. How strongly two lines call for each other is
their pointwise mutual information in bits under probabilistic canonical correlation (Bach & Jordan, UC Berkeley
TR 688, 2005), as `transitions` has it of words; counted in talk of people by `benchmarks.quality.train_acts`.
English only: where most lines are in another language, nothing is said.
"""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.quality.base import Numbers
from conversation_genome.quality.transitions import ENGLISH, is_english, plain_tokens, table

BEFORE: Final = (1, 2)
"""How far back the lines are that call for a line: of two people who take turns, the other's and one's own."""
BEGIN: Final = "^"
END: Final = "$"
"""What stands before the first line and behind the last one, as if they were lines."""
WEIGHTS: Final = (2 / 3, 1 / 3)
"""What the one and the other say of a line; they sum to 1."""
UNKNOWN_BITS: Final = 1.8
"""What is taken for the strength in other languages: that of honest talk."""
LANGUAGE_LINES: Final = 50
"""Lines that tell the language."""
STRONGEST_BITS: Final = 5.0
"""One rare pair must not speak for a talk."""
RARE_WEIGHT: Final = 0.3
"""What a word that is not common weighs beside one that is."""
LONGEST: Final = 5
"""Lines of 31 words and more are all long ones."""
_FIRST: Final = "first:"
_LENGTH: Final = "length:"
_MARKS: Final = ".,?!;:"


@dataclass(frozen=True, slots=True)
class Pairing:
    """The directions in which lines a fixed number of turns apart go together."""

    before: Numbers
    """Shape (features, k): of the earlier line."""
    after: Numbers
    """Shape (features, k): of the later one."""
    centre_before: Numbers
    """Where lines are on average on the first, shape (k,)."""
    centre_after: Numbers
    correlations: Numbers
    """How closely the two go together, shape (k,), in [0, 1)."""

    def bits(self, before: Numbers, after: Numbers) -> Numbers:
        """Return how much likelier each pair of lines is than by chance, in bits: shape (n,).

        Args:
            before: Features of the earlier lines, shape (n, features).
            after: Features of the later ones, shape (n, features).
        """
        first, second = before @ self.before - self.centre_before, after @ self.after - self.centre_after
        rho, rest = self.correlations, 1 - self.correlations**2
        nats = -np.log(rest) / 2 - (rho**2 * (first**2 + second**2) - 2 * rho * first * second) / (2 * rest)
        bits: Numbers = np.clip(nats.sum(axis=1) / math.log(2), -STRONGEST_BITS, STRONGEST_BITS)
        return bits


@dataclass(frozen=True, slots=True)
class Acts:
    """What was counted of the acts of lines."""

    places: dict[str, int]
    """Which feature stands where."""
    pairings: tuple[Pairing, ...]
    """One for each distance in `BEFORE`."""


@dataclass(frozen=True, slots=True)
class Calls:
    """How strongly the lines of a talk call for each other, in bits."""

    lines: Numbers
    """Each line by those before it, shape (n,)."""
    talk: float
    """The mean over all pairs, those with the beginning and the end too: a greeting belongs to the one, a farewell to
    the other."""


def calls_in(texts: Sequence[str], speakers: Sequence[int]) -> Calls:
    """Return how strongly the lines of a talk call for each other: `UNKNOWN_BITS` if it is not English.

    Two lines say nothing of each other where another pair of speakers stands than in `BEFORE`.
    """
    if not is_english(" ".join(texts[:LANGUAGE_LINES])):
        return Calls(np.full(len(texts), UNKNOWN_BITS), UNKNOWN_BITS)
    acts = known_acts()
    rows = features_of(texts, acts.places)
    by_line, mean = np.zeros(len(texts)), 0.0
    for weight, back, pairing in zip(WEIGHTS, BEFORE, acts.pairings, strict=True):
        bits = pairing.bits(rows[:-back], rows[back:]) * may_call(speakers, back)
        by_line[back - 1 :] += weight * bits[:-1]
        mean += weight * float(bits.mean())
    return Calls(by_line, mean)


def may_call(speakers: Sequence[int], back: int) -> NDArray[np.bool_]:
    """Return which lines may be called for by what stands `back` before them: shape (n + 2 - back,).

    One back is another speaker, two back the same one; what begins and ends a talk is anybody's.
    """
    spoken = np.array(speakers)
    is_same = spoken[back:] == spoken[:-back]
    return np.concatenate([[True], is_same if back % 2 == 0 else ~is_same, [True]])[: len(spoken) + 2 - back]


def features_of(texts: Sequence[str], places: dict[str, int]) -> Numbers:
    """Return what shows of the act of each line, between those of `BEGIN` and `END`: unit vectors, shape (n + 2, d)."""
    rows = np.zeros((len(texts) + 2, len(places)))
    for row, found in enumerate([{BEGIN: 1.0}, *map(signs_of, texts), {END: 1.0}]):
        for name, weight in found.items():
            if name in places:
                rows[row, places[name]] = weight
    return np.asarray(rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9))


def signs_of(text: str) -> dict[str, float]:
    """Return what shows of the act of a line, each with its weight."""
    tokens = plain_tokens(text)
    words = [token for token in tokens if token[0].isalpha()]
    common = table(ENGLISH).words
    signs = {_sign(token, common): 1.0 for token in tokens}
    if "~" in signs:
        signs["~"] = RARE_WEIGHT * sum(word not in common for word in words)
    signs[f"{_LENGTH}{min(LONGEST, int(math.log2(len(words) + 1)))}"] = 1.0
    return {**signs, f"{_FIRST}{words[0]}": 1.0} if words else signs


def _sign(token: str, common: frozenset[str]) -> str:
    if token[0].isdigit():
        return "~0"
    return token if token in common or token in _MARKS else "~"


@cache
def known_acts() -> Acts:
    """Return what ships with the project."""
    content: dict[str, Any] = json.loads((files(__package__) / "acts.json").read_text(encoding="utf-8"))
    places = {name: place for place, name in enumerate(content["features"])}
    return Acts(places, tuple(_pairing(one) for one in content["pairings"]))


def _pairing(content: dict[str, Any]) -> Pairing:
    sides = {
        side: np.array(content[side], dtype=np.float64) * np.array(content[f"{side}_unit"], dtype=np.float64)
        for side in ("before", "after")
    }
    return Pairing(
        **sides,
        centre_before=np.array(content["centre_before"], dtype=np.float64),
        centre_after=np.array(content["centre_after"], dtype=np.float64),
        correlations=np.array(content["correlations"], dtype=np.float64),
    )

"""Profiles: each fact is checked against the lines it cites, which its own participant must have said."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conversation_genome.annotation import Profile
from conversation_genome.scoring.background import EMPTY_WORDS, background_spellings
from conversation_genome.scoring.wording import bigrams, is_spaced, normalise, stem, words

MAX_FACTS_GRADED: Final = 24
FULL_FACTS: Final = 3.0
"""Sound facts at which an answer's profiles are worth most; a window holds no more for certain."""
MAX_FACT_WORDS: Final = 16
SUPPORT: Final = (0.25, 0.75)
"""Share of a fact's telling words in the cited lines between which it goes from unfounded to founded."""


@dataclass(frozen=True, slots=True)
class SpokenLine:
    """One line of the window: who said what."""

    participant: str | None
    """None where the source does not tell: then anybody may have said it."""
    text: str


@dataclass(frozen=True, slots=True)
class ProfileGrade:
    """What the profiles of one answer are worth, in [0, 1], and how many of the facts graded hold."""

    score: float
    sound: int
    graded: int


def grade_profiles(profiles: Iterable[Profile], lines: Mapping[int, SpokenLine]) -> ProfileGrade:
    """Return the grade of an answer's profiles: precision of the facts times their number, capped at three.

    A fact said twice counts once. Only the first facts in canonical order are graded.
    """
    facts = sorted(
        {(profile.participant, normalise(fact.text), fact.evidence) for profile in profiles for fact in profile.facts}
    )
    distinct = {(who, text): evidence for who, text, evidence in facts}
    graded = [(who, text, evidence) for (who, text), evidence in list(distinct.items())[:MAX_FACTS_GRADED]]
    supports = [fact_support(who, text, evidence, lines) for who, text, evidence in graded]
    worth = math.fsum(supports)
    score = worth / len(supports) * min(1.0, worth / FULL_FACTS) if supports else 0.0
    return ProfileGrade(score, sum(support >= 0.5 for support in supports), len(supports))


def fact_support(participant: str, text: str, evidence: Iterable[int], lines: Mapping[int, SpokenLine]) -> float:
    """Return how far the cited lines bear a fact out, in [0, 1]; 0 if somebody else said any of them.

    One line of somebody else's may be cited: the question that the participant's next line, cited too, answers.
    """
    cited = {number: lines.get(number) for number in evidence}
    if not cited or any(not _may_be_cited(participant, number, cited) for number in cited):
        return 0.0
    text = normalise(text)
    said = normalise(" ".join(line.text for line in cited.values() if line is not None))
    if not is_spaced(text):
        return _rise(len(bigrams(text) & bigrams(said)) / max(1, len(bigrams(text))))
    telling = _telling(text)
    if not telling or len(words(text)) > MAX_FACT_WORDS:
        return 0.0
    return _rise(len(telling & _telling(said)) / len(telling))


def _may_be_cited(participant: str, number: int, cited: Mapping[int, SpokenLine | None]) -> bool:
    line, following = cited[number], cited.get(number + 1)
    if line is None or line.participant in {participant, None}:
        return line is not None
    is_question = line.text.rstrip().endswith(("?", "\uff1f"))
    return is_question and following is not None and following.participant == participant


def _telling(normalised: str) -> frozenset[str]:
    found = (stem(part) for word in words(normalised) if word not in EMPTY_WORDS for part in word.split("-"))
    return frozenset(part for part in found if part and part not in background_spellings())


def _rise(share: float) -> float:
    x = min(1.0, max(0.0, (share - SUPPORT[0]) / (SUPPORT[1] - SUPPORT[0])))
    return x * x * (3 - 2 * x)

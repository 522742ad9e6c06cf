"""A tag's neighbours: tags of the same conversations, and tags that mean nearly the same."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conversation_genome.protocol.finding import TagNeighbour, TagNeighbours
from conversation_genome.search.ranking import Ranking, fused
from conversation_genome.vector_store.base import Outline
from conversation_genome.vector_store.terms import fold

MIN_LIKENESS: Final = 0.4
"""Cosine on MiniLM's scale from which two tags mean something alike."""


@dataclass(frozen=True, slots=True)
class Company:
    """With what a tag comes, by folded tag."""

    conversations: int
    """That have the tag."""
    spellings: Mapping[str, str]
    """Of every tag, as it was met first."""
    together: Mapping[str, int]
    association: Mapping[str, float]


def company_of(tag: str, outlines: Iterable[Outline]) -> Company:
    """Return with what a tag comes.

    The association is pointwise mutual information over minus the logarithm of the joint probability (Bouma, GSCL
    2009).
    """
    key, total = fold(tag), 0
    counts: Counter[str] = Counter()
    together: Counter[str] = Counter()
    spellings: dict[str, str] = {}
    for outline in outlines:
        total += 1
        tags = {fold(each): each for each in outline.tags}
        for folded, each in tags.items():
            spellings.setdefault(folded, each)
        counts.update(tags.keys())
        if key in tags:
            together.update(tags.keys() - {key})
    association = {other: _npmi(both, counts[key], counts[other], total) for other, both in together.items()}
    return Company(counts[key], spellings, together, association)


def neighbours(tag: str, company: Company, likeness: Mapping[str, float], *, limit: int) -> TagNeighbours:
    """Return a tag's neighbours, closest first.

    Args:
        tag: The tag.
        company: With what it comes.
        likeness: Cosine of its meaning and another tag's on MiniLM's scale, by folded tag.
        limit: Neighbours at most.
    """
    near = {key: value for key, value in likeness.items() if value >= MIN_LIKENESS and key != fold(tag)}
    # A pair that is met once has the greatest association of all, so how often they meet counts, too.
    tied = {key: max(0.0, company.association[key]) * math.log1p(both) for key, both in company.together.items()}
    rankings = [Ranking(_ordered(values), 1.0) for values in (tied, near)]
    scores = fused(rankings)
    best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
    found = tuple(
        TagNeighbour(
            tag=company.spellings.get(key, key),
            score=scores[key],
            together=company.together.get(key, 0),
            association=company.association.get(key, 0.0),
            likeness=near.get(key),
        )
        for key in best
    )
    return TagNeighbours(
        tag=company.spellings.get(fold(tag), tag), conversations=company.conversations, neighbours=found
    )


def _npmi(both: int, one: int, other: int, total: int) -> float:
    joint = both / total
    if joint >= 1:
        return 0.0  # every conversation has both: nothing can be told from that
    return math.log(joint * total * total / (one * other)) / -math.log(joint)


def _ordered(values: Mapping[str, float]) -> list[str]:
    return sorted((key for key, value in values.items() if value > 0), key=lambda key: (-values[key], key))

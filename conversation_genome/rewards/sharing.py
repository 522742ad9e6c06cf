"""Sharing: answers that are one answer are paid once.

A group enters the division as one answer, with the score of the member that keeps most of it, so that copies
neither crowd the curve nor raise what the others have to beat. Its reward is then split by the members' shares.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from conversation_genome.errors import ScoringInputError
from conversation_genome.rewards.curve import DEFAULT_CURVE, divide, standing


@dataclass(frozen=True, slots=True)
class Group:
    """Answers that share one reward."""

    members: tuple[int, ...]
    """Positions in the scores."""
    shares: tuple[float, ...]
    """Each member's part: they sum to 1."""

    @property
    def parts(self) -> list[tuple[int, float]]:
        """Each member with its part."""
        return list(zip(self.members, self.shares, strict=True))

    @property
    def author(self) -> int:
        """The member that keeps most; the first of equals."""
        return max(self.parts, key=lambda one: (one[1], -one[0]))[0]


def divide_shared(
    scores: Sequence[float], groups: Sequence[Group], *, baseline: float = 0.0, curve: str = DEFAULT_CURVE
) -> list[float]:
    """Return each answer's share of the reward, in [0, 1]: they sum to 1, or are all 0; without groups as `divide`.

    Raises:
        ScoringInputError: If an answer is in two groups, or what `divide` refuses.
    """
    heads = _heads(len(scores), groups)
    rewards = dict(zip(heads, divide([scores[head] for head in heads], baseline=baseline, curve=curve), strict=True))
    parts = {member: rewards[group.author] * part for group in groups for member, part in group.parts}
    return [parts.get(place, rewards.get(place, 0.0)) for place in range(len(scores))]


def standing_shared(scores: Sequence[float], groups: Sequence[Group], *, baseline: float = 0.0) -> list[float]:
    """Return each answer's standing among its peers: the members of a group stand where their one answer stands.

    Raises:
        ScoringInputError: If an answer is in two groups, or what `standing` refuses.
    """
    heads = _heads(len(scores), groups)
    places = dict(zip(heads, standing([scores[head] for head in heads], baseline=baseline), strict=True))
    places |= {member: places[group.author] for group in groups for member in group.members}
    return [places[place] for place in range(len(scores))]


def _heads(count: int, groups: Sequence[Group]) -> list[int]:
    """Return the positions that are divided among: everybody who is in no group, and one of each group."""
    grouped = [member for group in groups for member in group.members]
    if len(set(grouped)) < len(grouped) or any(not 0 <= member < count for member in grouped):
        raise ScoringInputError(f"each of the {count} answers may be in one group, not {sorted(grouped)}")
    authors = {group.author for group in groups}
    return [place for place in range(count) if place in authors or place not in set(grouped)]

"""Clusters: answers that are one answer, and whose it likely is.

A cluster is paid once. Its members divide that reward by how little speaks against each of them: the share of a
member is in proportion to exp(-g), where g is the strongest evidence that it copied another member. The author,
against whom nothing speaks, keeps nearly all; members against whom the same speaks divide it evenly.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from conversation_genome.scoring.copies.evidence import LIKE, THRESHOLD, CopyEvidence

LATE: Final = 0.3
"""What it weighs to have answered after another member; little: a fast miner is no thief, a slow one no victim."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """Answers that share one reward."""

    members: tuple[str, ...]
    """Sorted, two at least."""
    shares: tuple[float, ...]
    """Each member's part of the cluster's reward: they sum to 1."""
    copied: tuple[tuple[str, str], ...]
    """(copier, author) pairs between which the evidence stands, sorted."""

    @property
    def author(self) -> str:
        """The member that the others most likely took it from; the first of equals."""
        return max(zip(self.shares, self.members, strict=True), key=lambda one: (one[0], [-ord(c) for c in one[1]]))[1]


def clusters_of(evidence: CopyEvidence, known: Mapping[tuple[str, str], float] | None = None) -> tuple[Cluster, ...]:
    """Return the clusters among the answers to one window, sorted by their members.

    Answers that are not alike are never clustered, whatever is known of their senders.

    Args:
        evidence: What the window tells.
        known: What several windows together told of (copier, author), in nats: counts where it is more.
    """
    found = sources_of(evidence, known)
    return tuple(_cluster(members, found, evidence) for members in _joined(found))


def sources_of(
    evidence: CopyEvidence, known: Mapping[tuple[str, str], float] | None = None
) -> dict[tuple[str, str], float]:
    """Return the (copier, author) pairs between which the evidence stands, with the nats that speak for it.

    A copier has one author, the likeliest: else whoever copies two strangers would join these to each other.
    """
    known = known or {}
    found: dict[tuple[str, str], float] = {}
    for i, copier in enumerate(evidence.names):
        likely = [
            (max(float(evidence.nats[i, j]), known.get((copier, author), 0.0)), float(evidence.likeness[i, j]), author)
            for j, author in enumerate(evidence.names)
            if i != j and evidence.likeness[i, j] >= LIKE
        ]
        nats, _, author = max(likely, default=(0.0, 0.0, ""))
        if nats >= THRESHOLD:
            found[copier, author] = nats
    return found


def _cluster(members: tuple[str, ...], found: Mapping[tuple[str, str], float], evidence: CopyEvidence) -> Cluster:
    row = {name: index for index, name in enumerate(evidence.names)}
    copied = tuple(sorted(pair for pair in found if pair[0] in members and pair[1] in members))
    against = {name: max((found[pair] for pair in copied if pair[0] == name), default=0.0) for name in members}
    for copier, author in copied:
        against[copier] += LATE / len(members) if evidence.later[row[copier], row[author]] else 0.0
    least = min(against.values())
    parts = [math.exp(least - against[name]) for name in members]
    total = math.fsum(parts)
    return Cluster(members, tuple(part / total for part in parts), copied)


def _joined(pairs: Iterable[tuple[str, str]]) -> list[tuple[str, ...]]:
    group_of: dict[str, set[str]] = {}
    for one, other in pairs:
        joined = group_of.get(one, {one}) | group_of.get(other, {other})
        group_of |= dict.fromkeys(joined, joined)
    return sorted({tuple(sorted(group)) for group in group_of.values()})

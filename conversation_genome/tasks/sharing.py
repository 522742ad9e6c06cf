"""Sharing: from what answers tell of each other to who is paid, and heard, as one. Validators and the server do the same."""

from collections.abc import Mapping, Sequence

from conversation_genome.rewards.sharing import Group
from conversation_genome.scoring.copies import CopyEvidence, CopyMemory, clusters_of


def groups_of(
    evidence: CopyEvidence, names: Sequence[str], known: Mapping[tuple[str, str], float] | None = None
) -> list[Group]:
    """Return the groups of answers that share one reward, as positions in `names`.

    Args:
        evidence: What the window's answers tell.
        names: Everybody who was asked, in the order of the scores.
        known: What windows so far told of (copier, author), in nats.
    """
    place = {name: position for position, name in enumerate(names)}
    return [
        Group(tuple(place[member] for member in cluster.members), cluster.shares)
        for cluster in clusters_of(evidence, known)
    ]


def authors_of(windows: Mapping[str, CopyEvidence]) -> dict[tuple[str, str], str]:
    """Return by (window, name) from whom a copied answer was likely taken, by all that the windows tell together."""
    known = CopyMemory().after(windows.values()).known()
    return {
        (window, member): cluster.author
        for window, evidence in windows.items()
        for cluster in clusters_of(evidence, known)
        for member in cluster.members
        if member != cluster.author
    }

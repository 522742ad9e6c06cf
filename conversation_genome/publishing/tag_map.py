"""Tags on a plane: those that mean alike form groups, groups that mean alike are neighbours. Pure and deterministic."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from conversation_genome.embedding.base import FloatArray
from conversation_genome.scoring.wording import spelling

FEWEST: Final = 6
"""Tags below which there is nothing to map."""
_GROUPS: Final = (3, 14)
_ROUNDS: Final = 25
_STARTS: Final = 6
_GAP: Final = 1.15
Positions = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Group:
    """Tags that mean alike."""

    x: float
    """In [0, 1], as `y`."""
    y: float
    radius: float
    names: tuple[str, ...]
    """Its most typical tags."""


@dataclass(frozen=True, slots=True)
class Point:
    """A tag on the map."""

    text: str
    count: int
    group: int
    x: float
    y: float


def map_tags(texts: Sequence[str], counts: Sequence[int], vectors: FloatArray) -> tuple[list[Group], list[Point]]:
    """Return the groups and the points of some tags; none of fewer than six.

    Groups come from k-means on the sphere (k-means++ starts with a fixed seed), their places from the two first
    principal axes of their middles, moved apart until no two overlap. Within a group the most typical tag is in the
    middle, and the direction is that of the group's own principal axes.

    Args:
        texts: The tags.
        counts: Conversations that hold each.
        vectors: Unit vectors, shape (n, d).
    """
    if len(texts) < FEWEST:
        return [], []
    groups = int(np.clip(round((len(texts) / 2) ** 0.5), *_GROUPS))
    labels = _clustered(vectors.astype(np.float64), groups)
    labels = np.unique(labels, return_inverse=True)[1]
    middles = np.stack([_unit(vectors[labels == label].mean(axis=0)) for label in range(labels.max() + 1)])
    typical = (vectors * middles[labels]).sum(axis=1)
    sizes = np.sqrt(np.bincount(labels))
    radii = sizes / np.sqrt((sizes**2).sum()) * 0.36
    centres = _apart(_plane(middles), radii)
    places = _within(vectors, labels, typical, centres, radii)
    names = [_names(texts, counts, typical, labels == label) for label in range(len(middles))]
    discs = zip(centres.tolist(), radii.tolist(), names, strict=True)
    points = zip(texts, counts, labels.tolist(), places.tolist(), strict=True)
    return (
        [Group(x, y, radius, name) for (x, y), radius, name in discs],
        [Point(text, count, label, x, y) for text, count, label, (x, y) in points],
    )


def _clustered(vectors: Positions, groups: int) -> npt.NDArray[Any]:
    chance = np.random.default_rng(7)
    runs = [_one_clustering(vectors, groups, chance) for _ in range(_STARTS)]
    return max(runs, key=lambda run: run[0])[1]


def _one_clustering(vectors: Positions, groups: int, chance: np.random.Generator) -> tuple[float, npt.NDArray[Any]]:
    middles = vectors[[int(chance.integers(len(vectors)))]]
    while len(middles) < groups:
        far = np.clip(1 - (vectors @ middles.T).max(axis=1), 1e-9, None) ** 2
        middles = np.vstack([middles, vectors[int(chance.choice(len(vectors), p=far / far.sum()))]])
    for _ in range(_ROUNDS):
        labels = (vectors @ middles.T).argmax(axis=1)
        middles = np.stack(
            [
                _unit(vectors[labels == label].sum(axis=0)) if (labels == label).any() else middles[label]
                for label in range(groups)
            ]
        )
    return float((vectors @ middles.T).max(axis=1).sum()), labels


def _plane(points: Positions) -> Positions:
    """Return points on their two first principal axes, within [-0.5, 0.5]; each axis' largest value is positive."""
    centred = points - points.mean(axis=0)
    left, spread, _ = np.linalg.svd(centred, full_matrices=False)
    flat = np.zeros((len(points), 2))
    width = min(2, left.shape[1])
    flat[:, :width] = left[:, :width] * spread[:width]
    signs = np.sign(flat[np.abs(flat).argmax(axis=0), range(2)])
    flat *= np.where(signs == 0, 1, signs)
    return np.asarray(flat / max(1e-9, 2 * np.abs(flat).max()))


def _apart(centres: Positions, radii: Positions) -> Positions:
    """Move discs apart until none overlap, drawing all to the middle, and fit them into [0, 1]."""
    places = centres.copy()
    for _ in range(400):
        places *= 0.995
        for one in range(len(places)):
            for two in range(one + 1, len(places)):
                between = places[two] - places[one]
                distance = max(1e-6, float(np.hypot(*between)))
                overlap = (radii[one] + radii[two]) * _GAP - distance
                if overlap > 0:
                    push = between / distance * overlap / 2 if distance > 1e-5 else np.array([overlap / 2, 0.01 * one])
                    places[one] -= push
                    places[two] += push
    low, high = (places - radii[:, None]).min(axis=0), (places + radii[:, None]).max(axis=0)
    scale = 1 / float((high - low).max())
    offset = (1 - (high - low) * scale) / 2
    radii *= scale
    return np.asarray((places - low) * scale + offset)


def _within(
    vectors: FloatArray, labels: npt.NDArray[Any], typical: Positions, centres: Positions, radii: Positions
) -> Positions:
    places = np.zeros((len(labels), 2))
    for label, (centre, radius) in enumerate(zip(centres, radii, strict=True)):
        members = np.flatnonzero(labels == label)
        flat = _plane(vectors[members].astype(np.float64))
        turns = np.arctan2(flat[:, 1], flat[:, 0])
        order = members[np.argsort(-typical[members], kind="stable")]
        rank = {int(member): place for place, member in enumerate(order)}
        by_turn = np.argsort(turns, kind="stable")
        for place, index in enumerate(by_turn):
            member = int(members[index])
            reach = radius * 0.92 * (rank[member] / max(1, len(members) - 1)) ** 0.5 if len(members) > 1 else 0.0
            turn = 2 * np.pi * place / len(members)
            places[member] = centre + reach * np.array([np.cos(turn), np.sin(turn)])
    return places


def _names(
    texts: Sequence[str], counts: Sequence[int], typical: Positions, is_member: npt.NDArray[Any]
) -> tuple[str, ...]:
    """Return the two tags that stand for a group: typical of it, and held by many; none twice, however it is inflected."""
    weights = {
        one: float(typical[one]) * (1 + float(np.log(counts[one]))) for one in np.flatnonzero(is_member).tolist()
    }
    ranked = sorted(weights, key=lambda one: (-weights[one], texts[one]))
    best: dict[str, str] = {}
    for one in ranked:
        best.setdefault(spelling(texts[one].casefold()), texts[one])
    return tuple(best.values())[:2]


def _unit(vector: npt.NDArray[Any]) -> Positions:
    return np.asarray(vector / max(1e-12, float(np.linalg.norm(vector))), dtype=np.float64)

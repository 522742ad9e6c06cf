"""How weights are made: ours from the library's own functions, the original's from the description of it."""

from collections.abc import Collection, Sequence
from typing import Final, Protocol

import numpy as np

from benchmarks.simulation.rounds import FloatArray, Rounds, Town
from conversation_genome.annotation import Hotkey
from conversation_genome.rewards import Accounts, Kin, Meeting, MovingAverages, divide_rounds, paid_as_one, weights_of
from conversation_genome.rewards.sharing import Group, divide_shared

Weights = dict[Hotkey, float]
ORIGINAL_ALPHA: Final = 0.1


class Mechanism(Protocol):
    """One validator's way from rounds to weights."""

    def observe(self, rounds: Rounds) -> None:
        """Take in an epoch's windows."""

    def weights(self, present: Collection[Hotkey], kin: Kin) -> Weights | None:
        """Return the weights at the end of the epoch."""


class Ours:
    """`divide`, `MovingAverages`, `weights_of`; with `keeps_accounts` also `Accounts`, else `paid_as_one` if so asked."""

    def __init__(
        self,
        town: Town,
        *,
        curve: str,
        alpha: float,
        keeps_accounts: bool = False,
        pays_kin_as_one: bool = False,
        shares_in_window: bool = False,
    ) -> None:
        self._town = town
        self._curve = curve
        self._alpha = alpha
        self._pays_kin_as_one = pays_kin_as_one
        self._keeps_accounts = keeps_accounts
        self._accounts = Accounts()
        self._shares_in_window = shares_in_window
        self._averages = MovingAverages()

    def observe(self, rounds: Rounds) -> None:
        """Divide each window's reward and move the averages."""
        shares = divide_rounds(rounds.scores, rounds.baselines, curve=self._curve)
        if self._shares_in_window:
            shares = _shared(self._town, rounds, shares, self._curve)
        for row, rewards in zip(rounds.asked, shares.tolist(), strict=True):
            named = dict(zip((self._town.hotkeys[number] for number in row), rewards, strict=True))
            self._averages = self._averages.updated(named, alpha=self._alpha)

    def weights(self, present: Collection[Hotkey], kin: Kin) -> Weights | None:
        """Return the pay, or the settled averages, in proportion."""
        self._averages = self._averages.kept(present)
        if self._keeps_accounts:
            pay, self._accounts = self._accounts.kept(present).settled(self._averages, kin)
            return weights_of(pay)
        settled = self._averages.settled()
        return weights_of(paid_as_one(settled, kin) if self._pays_kin_as_one else settled)


class Original:
    """Scores (or their normal density) to a dampened average, its cube, and weights by rank."""

    def __init__(self, town: Town, chance: np.random.Generator, *, pays_density: bool) -> None:
        self._town = town
        self._chance = chance
        self._pays_density = pays_density
        self._average = np.zeros(len(town.miners))

    def observe(self, rounds: Rounds) -> None:
        """Move the averages, by half where nothing was earned."""
        rewards = density(rounds.scores) if self._pays_density else rounds.scores
        for row, given in zip(rounds.asked, rewards, strict=True):
            old = self._average[row]
            moved = ORIGINAL_ALPHA * given + (1 - ORIGINAL_ALPHA) * old
            self._average[row] = np.where(given == 0, (1 - ORIGINAL_ALPHA / 2) * old, moved)

    def weights(self, present: Collection[Hotkey], kin: Kin) -> Weights | None:  # noqa: ARG002
        """Return the weights by rank."""
        numbers = np.array([self._town.number[hotkey] for hotkey in present])
        gone = np.setdiff1d(np.arange(len(self._average)), numbers)
        self._average[gone] = 0.0
        given = weights_by_rank(self._average[numbers] ** 3, self._chance)
        return {self._town.hotkeys[number]: float(weight) for number, weight in zip(numbers, given, strict=True)}


def density(scores: FloatArray) -> FloatArray:
    """Return each round's rewards by the normal density at the score: shape (r, m), sum 1, or 0 if all are equal."""
    mean, spread = scores.mean(axis=1, keepdims=True), scores.std(axis=1, keepdims=True)
    z = np.divide(scores - mean, spread, out=np.zeros_like(scores), where=spread > 0)
    pay = np.where(spread > 0, np.exp(-(z**2) / 2), 0.0)
    return np.divide(pay, pay.sum(axis=1, keepdims=True), out=np.zeros_like(pay), where=spread > 0)


def weights_by_rank(scores: FloatArray, chance: np.random.Generator) -> FloatArray:
    """Return the original's weights: `0.001 + 0.002 (x^3 + 1) / 2` over the rank of those that are not 0, sum 1."""
    if scores.sum() == 0:
        return np.full(len(scores), 1 / len(scores))
    shuffled = chance.permutation(len(scores))
    falling = shuffled[np.argsort(-scores[shuffled], kind="stable")]
    count = int((scores > 0).sum())
    x = 2 * (count - np.arange(count) - 1) / count - 1
    weights = np.zeros(len(scores))
    weights[falling[:count]] = 0.001 + 0.002 * (x**3 + 1) / 2
    return weights / weights.sum()


def _shared(town: Town, rounds: Rounds, shares: FloatArray, curve: str) -> FloatArray:
    """Return the shares where copies in a window share one reward in equal parts."""
    shares = shares.copy()
    for row, numbers in enumerate(rounds.asked):
        groups = _groups([town.hotkeys[number] for number in numbers], rounds.meeting_of(row))
        if groups:
            baseline = float(rounds.baselines[row])
            shares[row] = divide_shared(rounds.scores[row].tolist(), groups, baseline=baseline, curve=curve)
    return shares


def _groups(asked: Sequence[Hotkey], meeting: Meeting) -> list[Group]:
    places = {hotkey: place for place, hotkey in enumerate(asked)}
    head = list(range(len(asked)))
    for copy in meeting.copies:
        if copy.first in places and copy.second in places:
            one, other = head[places[copy.first]], head[places[copy.second]]
            head = [one if own == other else own for own in head]
    joined = [tuple(place for place, own in enumerate(head) if own == one) for one in sorted(set(head))]
    return [Group(members, (1 / len(members),) * len(members)) for members in joined if len(members) > 1]

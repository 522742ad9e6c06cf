"""What is read off a run: order of pay, gain of sybils, pay of copiers and their authors, reach of a bad validator."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.stats import spearmanr

from benchmarks.simulation.economy import BAD, Outcome, Plan, friends_only, neurons_of, stakes_of
from benchmarks.simulation.mechanisms import Weights
from benchmarks.simulation.rounds import FloatArray
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.epochs import settle

ORDERED: Final = 0.95
"""The Spearman correlation of quality and pay from which pay counts as ordered."""
LASTING: Final = 5
"""Epochs in a row that it must stay so."""
OWN_WORK: Final = ("honest", "lazy", "late", "leaver")
Misreport = Callable[[Plan, Weights], Weights]


def order_of_pay(outcome: Outcome, mechanism: str) -> FloatArray:
    """Return the Spearman correlation of quality and pay in each epoch, over those that do their own work."""
    miners = outcome.plan.miners
    quality = np.array([miner.quality for miner in miners])
    series = []
    for epoch, paid in enumerate(outcome.incentive[mechanism]):
        own = np.array([miner.kind in OWN_WORK and miner.is_present(epoch) for miner in miners])
        series.append(spearmanr(quality[own], paid[own]).statistic if len(set(paid[own])) > 1 else 0.0)
    return np.array(series)


def epochs_until_ordered(series: FloatArray, *, since: int = 0) -> int | None:
    """Return how many epochs it takes from one on until pay is ordered, and stays so for a while; None if never."""
    holds = series[since:] >= ORDERED
    for first in range(len(holds) - LASTING + 1):
        if holds[first : first + LASTING].all():
            return first + 1
    return None


def owner_pay(outcome: Outcome, mechanism: str, kind: str) -> FloatArray:
    """Return what an owner of a kind earns in each epoch, the mean over owners: shape (epochs,)."""
    members = [at for at, miner in enumerate(outcome.plan.miners) if miner.kind == kind]
    owners = {outcome.plan.miners[at].owner for at in members}
    return np.asarray(outcome.incentive[mechanism][:, members].sum(axis=1) / len(owners))


def sybil_gain(outcome: Outcome, mechanism: str, hotkeys: int, *, since: int = 0) -> float:
    """Return by how much an owner of so many hotkeys earns more than one of a single one, as a share of that."""
    many, one = (
        owner_pay(outcome, mechanism, f"sybil{hotkeys}")[since:],
        owner_pay(outcome, mechanism, "single")[since:],
    )
    return float(many.sum() / one.sum() - 1)


def epochs_of_pay(outcome: Outcome, mechanism: str, hotkeys: int) -> float:
    """Return what each further hotkey earned in the whole run, in epochs of a single hotkey's pay."""
    return sybil_gain(outcome, mechanism, hotkeys) * outcome.plan.epochs / (hotkeys - 1)


def pay_to_like(outcome: Outcome, mechanism: str, numbers: Sequence[int], *, epochs: slice) -> float:
    """Return what miners earn against what their quality earns among the honest: 1 is what one like them gets."""
    miners, paid = outcome.plan.miners, outcome.incentive[mechanism][epochs].mean(axis=0)
    authors = {miner.copies_from for miner in miners}
    honest = [at for at, miner in enumerate(miners) if miner.kind == "honest" and at not in authors]
    quality = np.array([miners[at].quality for at in honest])
    by_quality = np.argsort(quality)
    fair = np.interp([miners[at].quality for at in numbers], quality[by_quality], paid[honest][by_quality])
    return float(paid[list(numbers)].sum() / fair.sum())


@dataclass(frozen=True, slots=True)
class Reach:
    """What a validator that misreports brings about, as shares of the miners' (its own: the validators') emission."""

    moved: float
    """Pay that goes to other miners than it would: half the sum of the differences."""
    friends_honest: float
    friends: float
    dividends_honest: float
    dividends: float


def _boosted(plan: Plan, honest: Weights) -> Weights:
    friends = friends_only(plan)
    return {hotkey: weight * (10 if hotkey in friends else 1) for hotkey, weight in honest.items()}


def _without_the_best(plan: Plan, honest: Weights) -> Weights:  # noqa: ARG001 -- the shape of a misreport
    best = sorted(honest, key=lambda hotkey: -honest[hotkey])[:10]
    return {hotkey: 0.0 if hotkey in best else weight for hotkey, weight in honest.items()}


MISREPORTS: Final[Mapping[str, Misreport]] = {
    "everything to four friends": lambda plan, _: friends_only(plan),
    "ten times as much to four friends": _boosted,
    "nothing to the ten best": _without_the_best,
}


def reach(outcome: Outcome, mechanism: str, misreport: Misreport, *, stake: float, last: int = 40) -> Reach:
    """Return what the bad validator brings about with a share of all stake, the mean over the last epochs."""
    rows = [_reach(outcome, mechanism, misreport, stake, epoch) for epoch in range(outcome.plan.epochs)[-last:]]
    return Reach(*(float(value) for value in np.mean(rows, axis=0)))


def _reach(outcome: Outcome, mechanism: str, misreport: Misreport, stake: float, epoch: int) -> tuple[float, ...]:
    plan, honest = outcome.plan, outcome.honest_weights[mechanism][epoch]
    hotkeys = [miner.hotkey for miner in plan.miners if miner.is_present(epoch)]
    neurons = neurons_of(hotkeys, _with_share(stakes_of(plan), stake))
    fair = settle(neurons, honest)
    bent = settle(neurons, honest | {BAD: misreport(plan, honest[BAD])})
    friends = friends_only(plan)
    moved = sum(abs(_incentive(fair, hotkey) - _incentive(bent, hotkey)) for hotkey in hotkeys) / 2
    return (
        moved,
        sum(_incentive(fair, hotkey) for hotkey in friends),
        sum(_incentive(bent, hotkey) for hotkey in friends),
        fair.get(BAD, (0.0, 0.0))[1],
        bent.get(BAD, (0.0, 0.0))[1],
    )


def _with_share(stakes: Mapping[Hotkey, float], share: float) -> dict[Hotkey, float]:
    others = sum(stake for hotkey, stake in stakes.items() if hotkey != BAD)
    return {hotkey: share if hotkey == BAD else stake / others * (1 - share) for hotkey, stake in stakes.items()}


def _incentive(paid: Mapping[Hotkey, tuple[float, float]], hotkey: Hotkey) -> float:
    return paid.get(hotkey, (0.0, 0.0))[0]

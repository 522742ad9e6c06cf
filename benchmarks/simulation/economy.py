"""Epoch after epoch: validators draw windows, observe, set weights; the ledger's `settle` pays."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from benchmarks.simulation.mechanisms import Mechanism, Original, Ours, Weights
from benchmarks.simulation.population import SimulatedMiner
from benchmarks.simulation.rounds import FloatArray, Rounds, Town, draw_rounds
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Neuron, Uid
from conversation_genome.chain.epochs import settle
from conversation_genome.rewards import Kinship

HONEST_STAKES = (0.3, 0.25, 0.15)
BAD_STAKE = 0.3
BAD = Hotkey("bad-validator")


@dataclass(frozen=True, slots=True)
class Plan:
    """One economy."""

    name: str
    miners: Sequence[SimulatedMiner]
    mechanisms: tuple[str, ...]
    has_bad_validator: bool
    epochs: int = 200
    seed: int = 1
    windows: int = 64
    """Windows that each validator grades in an epoch."""
    asked: int = 7
    alpha: float = 0.1
    asks_suspects_together: bool = True
    calls_roll: bool = True


@dataclass(slots=True)
class Outcome:
    """What was paid."""

    plan: Plan
    incentive: dict[str, FloatArray]
    """By mechanism: shape (epochs, miners); a row sums to 1."""
    dividends: dict[str, FloatArray]
    """By mechanism: shape (epochs, validators), the bad one last."""
    honest_weights: dict[str, list[dict[Hotkey, Weights]]] = field(default_factory=dict)
    """By mechanism and epoch: what each validator would set if it were honest."""


class ValidatorSim:
    """A validator that runs every mechanism on the same windows."""

    def __init__(self, town: Town, plan: Plan, hotkey: Hotkey, number: int) -> None:
        self.hotkey = hotkey
        self.chance = np.random.default_rng([plan.seed, number])
        self.kinship = Kinship()
        self.mechanisms = {name: _MECHANISMS[name](town, plan, self.chance) for name in plan.mechanisms}

    def observe(self, rounds: Rounds) -> None:
        """Take in an epoch's windows."""
        self.kinship = self.kinship.updated(rounds.meetings)
        for mechanism in self.mechanisms.values():
            mechanism.observe(rounds)


_MECHANISMS: dict[str, Callable[[Town, Plan, np.random.Generator], Mechanism]] = {
    "ours": lambda town, plan, _: Ours(town, curve="bell", alpha=plan.alpha, keeps_accounts=True),
    "ours, without accounts": lambda town, plan, _: Ours(town, curve="bell", alpha=plan.alpha, pays_kin_as_one=True),
    "ours, copies not looked for": lambda town, plan, _: Ours(town, curve="bell", alpha=plan.alpha),
    "ours, copies share within a window only": lambda town, plan, _: Ours(
        town, curve="bell", alpha=plan.alpha, shares_in_window=True
    ),
    "linear": lambda town, plan, _: Ours(town, curve="linear", alpha=plan.alpha, keeps_accounts=True),
    "rank": lambda town, plan, _: Ours(town, curve="rank", alpha=plan.alpha, keeps_accounts=True),
    "original": lambda town, _, chance: Original(town, chance, pays_density=False),
    "original with its bell curve": lambda town, _, chance: Original(town, chance, pays_density=True),
}
ORIGINALS = ("original", "original with its bell curve")


def run_economy(plan: Plan) -> Outcome:
    """Return what everybody was paid; the same bits for the same plan."""
    town = Town(plan.miners)
    stakes = stakes_of(plan)
    validators = [ValidatorSim(town, plan, hotkey, number) for number, hotkey in enumerate(stakes)]
    shape = plan.epochs, len(plan.miners)
    outcome = Outcome(
        plan,
        {name: np.zeros(shape) for name in plan.mechanisms},
        {name: np.zeros((plan.epochs, len(stakes))) for name in plan.mechanisms},
        {name: [] for name in plan.mechanisms},
    )
    for epoch in range(plan.epochs):
        _play(town, plan, epoch, validators, outcome)
    return outcome


def stakes_of(plan: Plan) -> dict[Hotkey, float]:
    """Return the validators' stake, the bad one last."""
    stakes = {Hotkey(f"validator-{number}"): stake for number, stake in enumerate(HONEST_STAKES)}
    return stakes | ({BAD: BAD_STAKE} if plan.has_bad_validator else {})


def neurons_of(hotkeys: Collection[Hotkey], stakes: Mapping[Hotkey, float]) -> list[Neuron]:
    """Return miners and validators as the ledger knows them."""
    everybody = [*((hotkey, 0.0) for hotkey in hotkeys), *stakes.items()]
    return [
        Neuron(
            uid=Uid(uid), hotkey=hotkey, stake=stake, validator_permit=stake > 0, endpoint=None,
            incentive=0, dividends=0, last_update=BlockNumber(0),
        )
        for uid, (hotkey, stake) in enumerate(everybody)
    ]  # fmt: skip


def friends_only(plan: Plan) -> Weights:
    """Return what the bad validator sets: everything to its colluders."""
    return {miner.hotkey: 1.0 for miner in plan.miners if miner.kind == "colluder"}


def _play(town: Town, plan: Plan, epoch: int, validators: Sequence[ValidatorSim], outcome: Outcome) -> None:
    present = town.present(epoch)
    hotkeys = [town.hotkeys[number] for number in present]
    for validator in validators:
        validator.kinship = validator.kinship.kept(hotkeys)
        suspects = validator.kinship.suspects() if plan.asks_suspects_together else {}
        validator.observe(
            draw_rounds(
                town,
                present,
                validator.chance,
                windows=plan.windows,
                asked=plan.asked,
                suspects=suspects,
                calls_roll=plan.calls_roll,
            )
        )
    kin = {one.hotkey: one.kinship.kin() for one in validators}
    stakes = stakes_of(plan)
    neurons = neurons_of(hotkeys, stakes)
    for name in plan.mechanisms:
        honest = {one.hotkey: one.mechanisms[name].weights(hotkeys, kin[one.hotkey]) or {} for one in validators}
        outcome.honest_weights[name].append(honest)
        said = honest | ({BAD: friends_only(plan)} if plan.has_bad_validator else {})
        paid = settle(neurons, said)
        outcome.incentive[name][epoch, present] = [paid.get(hotkey, (0.0, 0.0))[0] for hotkey in hotkeys]
        outcome.dividends[name][epoch] = [paid.get(hotkey, (0.0, 0.0))[1] for hotkey in stakes]

"""What an epoch yields: everybody's incentive and dividends from the weights that stand (Yuma)."""

from collections.abc import Iterable, Mapping

import numpy as np

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Neuron
from conversation_genome.rewards.yuma import yuma

Weights = Mapping[Hotkey, Mapping[Hotkey, float]]
"""By validator, then by the hotkey that is weighted."""


def settle(neurons: Iterable[Neuron], weights: Weights) -> dict[Hotkey, tuple[float, float]]:
    """Return (incentive, dividends) by hotkey; those who get neither are left out.

    As on chain, only validators that hold a permit and have set weights take part, and what a validator
    gives itself does not count.
    """
    by_uid = sorted(neurons, key=lambda neuron: neuron.uid)
    columns = {neuron.hotkey: column for column, neuron in enumerate(by_uid)}
    voters = [neuron for neuron in by_uid if neuron.validator_permit and weights.get(neuron.hotkey)]
    if not voters:
        return {}
    matrix = np.zeros((len(voters), len(columns)))
    for row, voter in enumerate(voters):
        for target, weight in weights[voter.hotkey].items():
            if target in columns and target != voter.hotkey:
                matrix[row, columns[target]] = weight
    result = yuma(matrix, np.array([voter.stake for voter in voters]))
    shares = {hotkey: (float(result.incentive[column]), 0.0) for hotkey, column in columns.items()}
    for voter, dividends in zip(voters, result.dividends.tolist(), strict=True):
        shares[voter.hotkey] = (shares[voter.hotkey][0], dividends)
    return {hotkey: share for hotkey, share in shares.items() if any(share)}

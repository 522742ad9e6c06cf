"""What a chain lets a validator do, as pure functions: who holds a permit, and which weights are taken.

The checks and their order are those of the subtensor pallet's `set_weights` (Bittensor documentation,
"Setting weights"); every Chain of this project, doubles included, checks by these.
"""

import math
from collections.abc import Mapping
from typing import Final

from conversation_genome import __version__
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Hyperparameters, Metagraph, Neuron, Uid
from conversation_genome.errors import ChainError, NotRegisteredError, PermissionDeniedError, RateLimitedError

SHARE_TOLERANCE: Final = 1e-6
"""What arithmetic may add to a share; a chain counts weights in steps of 1/65535."""


VERSIONS_START: Final = 10_000_000
"""Above every version key of the original subnet's validator (1000 major + 10 minor + patch):
docs/decisions/0022-weights-above-the-originals.md."""


def weights_version_of(version: str) -> int:
    """Return the number that stands for a release among version keys: 2.3.4 is 12003004, later releases are larger."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    return VERSIONS_START + (major * 1_000 + minor) * 1_000 + patch


WEIGHTS_VERSION: Final = weights_version_of(__version__)
"""What this program's weights are sent as. A subnet's owner who raises the version key to that of a later release
shuts weights of this one out."""


def permitted(stakes: Mapping[Uid, float], limit: int) -> frozenset[Uid]:
    """Return who holds a validator permit: the `limit` largest stakes above 0; of equal ones the lower uid."""
    staked = [uid for uid, stake in stakes.items() if stake > 0]
    return frozenset(sorted(staked, key=lambda uid: (-stakes[uid], uid))[:limit])


def registered(metagraph: Metagraph, hotkey: Hotkey | None) -> Neuron:
    """Return the neuron of a hotkey.

    Raises:
        ChainError: If there is no hotkey: the chain was opened for reading alone.
        NotRegisteredError: If the hotkey is not registered on the subnet.
    """
    if hotkey is None:
        raise ChainError("this chain was opened without a hotkey, for reading alone: open it with one to act")
    neuron = metagraph.by_hotkey.get(hotkey)
    if neuron is None:
        raise NotRegisteredError(
            f"hotkey {hotkey} is not registered on subnet {metagraph.netuid} at block {metagraph.block}: register it first"
        )
    return neuron


def accepted_weights(
    metagraph: Metagraph,
    rules: Hyperparameters,
    hotkey: Hotkey | None,
    weights: Mapping[Hotkey, float],
    *,
    version: int,
    mechanism: int = 0,
) -> dict[Hotkey, float]:
    """Return the weights as the chain stores them: those above 0, brought to sum 1.

    Raises:
        NotRegisteredError: If the own hotkey, or one that is weighted, is not registered.
        PermissionDeniedError: If the own hotkey holds no validator permit, or less stake than who sets weights must.
        RateLimitedError: If weights were set too recently.
        ChainError: If the version is too old, there is no such mechanism, a weight is negative or not finite, all are
            zero, too few hotkeys are weighted, or one gets too large a share.
    """
    neuron = registered(metagraph, hotkey)
    if not 0 <= mechanism < rules.mechanisms:
        raise ChainError(f"there is no mechanism {mechanism} on subnet {metagraph.netuid}: it has {rules.mechanisms}")
    if neuron.stake < rules.stake_threshold:
        raise PermissionDeniedError(
            f"hotkey {neuron.hotkey} holds a stake of {neuron.stake:g}, the chain asks for {rules.stake_threshold:g} of who sets weights"
        )
    if version < rules.weights_version:
        raise ChainError(
            f"weights of version {version} are too old, the subnet asks for {rules.weights_version}: update this validator "
            "to a release of at least that number (docs/reference/chain.md)"
        )
    _check_rate(metagraph, rules, neuron)
    if not neuron.validator_permit:
        raise PermissionDeniedError(
            f"hotkey {neuron.hotkey} holds no validator permit on subnet {metagraph.netuid}: its stake of {neuron.stake:g} is too small"
        )
    for target in weights:
        registered(metagraph, target)
    accepted = _normalised(weights)
    if set(accepted) != {neuron.hotkey}:
        _check_shares(accepted, rules, known=len(metagraph.neurons))
    return accepted


def with_burn(weights: Mapping[Hotkey, float], owner: Hotkey | None, rate: float) -> dict[Hotkey, float]:
    """Return the weights with this share of them, in [0, 1], moved to the subnet's owner, whose pay is burned.

    Without an owner that is registered nothing is moved: nobody else's pay would be burned.
    """
    if owner is None or rate == 0:
        return dict(weights)
    kept = {hotkey: weight * (1 - rate) for hotkey, weight in weights.items()}
    kept[owner] = kept.get(owner, 0.0) + rate * math.fsum(weights.values())
    return kept


def _check_shares(accepted: Mapping[Hotkey, float], rules: Hyperparameters, *, known: int) -> None:
    least = min(rules.min_weights, known)
    if len(accepted) < least:
        raise ChainError(
            f"{len(accepted)} hotkeys are weighted, the subnet asks for at least {least}: weight more miners"
        )
    hotkey = max(accepted, key=lambda one: accepted[one])
    if accepted[hotkey] > rules.max_weight + SHARE_TOLERANCE:
        raise ChainError(
            f"{hotkey} gets {accepted[hotkey]:.4f} of the weights, the subnet allows {rules.max_weight:.4f}: "
            "spread them over more miners"
        )


def _check_rate(metagraph: Metagraph, rules: Hyperparameters, neuron: Neuron) -> None:
    if not neuron.last_update:
        return
    wait = rules.weights_rate_limit - (metagraph.block - neuron.last_update)
    if wait > 0:
        raise RateLimitedError(
            f"weights were set at block {neuron.last_update}, it is block {metagraph.block}: "
            f"wait {wait} blocks ({wait * rules.block_seconds:g} s)"
        )


def _normalised(weights: Mapping[Hotkey, float]) -> dict[Hotkey, float]:
    for hotkey, weight in weights.items():
        if not math.isfinite(weight) or weight < 0:
            raise ChainError(f"the weight of {hotkey} is {weight!r}: give finite numbers of at least 0")
    peak = max(weights.values(), default=0.0)
    if peak <= 0:
        raise ChainError("every weight is zero: keep the weights that are set and set none")
    scaled = {hotkey: weight / peak for hotkey, weight in weights.items() if weight / peak > 0}
    total = math.fsum(scaled.values())
    return {hotkey: weight / total for hotkey, weight in scaled.items()}

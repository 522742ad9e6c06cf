"""Whom to ask: the miners that the subnet pays or backs most, or those that are named."""

from collections.abc import Sequence
from typing import Literal

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Metagraph, Neuron
from conversation_genome.errors import InputError, NotRegisteredError

Ranking = Literal["incentive", "stake"]


def choose_miners(
    metagraph: Metagraph, *, count: int = 7, by: Ranking = "incentive", hotkeys: Sequence[Hotkey] = ()
) -> tuple[Neuron, ...]:
    """Return the miners to ask, best first; those that are named, in their order, where any are.

    Args:
        metagraph: The subnet.
        count: How many, where none are named; fewer if fewer serve.
        by: What makes one better: what the last epoch paid it, or the stake behind it; equals go by uid. Neurons that
            hold a validator permit and were paid nothing as miners come last.
        hotkeys: Who is to be asked.

    Raises:
        NotRegisteredError: If one that is named is not registered.
        InputError: If one that is named serves nowhere, or nobody is left to ask.
    """
    chosen = _named(metagraph, hotkeys) if hotkeys else _ranked(metagraph, by)[:count]
    if not chosen:
        raise InputError(
            f"no miner of subnet {metagraph.netuid} serves at block {metagraph.block}: there is nobody to ask"
        )
    return tuple(chosen)


def _named(metagraph: Metagraph, hotkeys: Sequence[Hotkey]) -> list[Neuron]:
    absent = [hotkey for hotkey in hotkeys if hotkey not in metagraph.by_hotkey]
    if absent:
        raise NotRegisteredError(f"not registered on subnet {metagraph.netuid}: {', '.join(absent)}")
    named = [metagraph.by_hotkey[hotkey] for hotkey in dict.fromkeys(hotkeys)]
    silent = [neuron.hotkey for neuron in named if neuron.endpoint is None]
    if silent:
        raise InputError(f"they are registered and serve nowhere: {', '.join(silent)}")
    return named


def _ranked(metagraph: Metagraph, by: Ranking) -> list[Neuron]:
    serving = [neuron for neuron in metagraph.neurons if neuron.endpoint is not None]
    return sorted(
        serving,
        key=lambda one: (one.validator_permit and not one.incentive, -getattr(one, by), one.uid),
    )

"""Waits for the epoch in which the last conversation's rewards are paid."""

import asyncio
from collections.abc import Collection
from typing import Final

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Metagraph, Netuid

_WHOLE_EPOCHS: Final = 2
"""After so many ends of an epoch every validator that graded anything has set its weights and was heard."""
_MOST_EPOCHS: Final = 6
_LOOKS_PER_BLOCK: Final = 2


async def wait_for_weights(chain: Chain, netuid: Netuid, validators: Collection[Hotkey]) -> bool:
    """Return, once an epoch has paid for weights that were set after now, whether anybody was paid.

    A validator that graded nothing sets no weights and is waited for no longer than a whole epoch.
    """
    pause = (await asyncio.to_thread(chain.hyperparameters, netuid)).block_seconds / _LOOKS_PER_BLOCK
    start = await asyncio.to_thread(chain.metagraph, netuid)
    all_set_in: int | None = None
    while True:
        now = await asyncio.to_thread(chain.metagraph, netuid)
        is_paid = any(neuron.incentive > 0 for neuron in now.neurons)
        if all_set_in is None and _have_all_set(now, validators, after=start):
            all_set_in = now.epoch
        enough = start.epoch + _WHOLE_EPOCHS if all_set_in is None else all_set_in + 1
        if now.epoch >= (enough if is_paid else start.epoch + _MOST_EPOCHS):
            return is_paid
        await asyncio.sleep(pause)


def _have_all_set(now: Metagraph, validators: Collection[Hotkey], *, after: Metagraph) -> bool:
    return all(neuron.last_update > after.block for key, neuron in now.by_hotkey.items() if key in validators)

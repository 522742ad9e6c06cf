"""Neurons for tests that need no chain."""

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Endpoint, Neuron, Uid


def neuron(uid: int, name: str) -> Neuron:
    """Return a miner that serves on loopback."""
    return Neuron(
        uid=Uid(uid),
        hotkey=Hotkey(name),
        stake=0,
        validator_permit=False,
        endpoint=Endpoint(host="127.0.0.1", port=1000 + uid),
        incentive=0,
        dividends=0,
        last_update=BlockNumber(0),
    )

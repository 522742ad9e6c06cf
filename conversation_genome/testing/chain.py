"""RecordingChain: a chain in memory that keeps the real rules, records what it was asked, and fails on demand."""

from collections.abc import Mapping
from typing import Any

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Endpoint, Hyperparameters, Metagraph, Netuid, Neuron, Uid
from conversation_genome.chain.rules import accepted_weights, permitted, registered
from conversation_genome.errors import ChainError

DEFAULT_RULES = Hyperparameters(tempo=20, block_seconds=1.0, weights_rate_limit=5, weights_version=0)


class RecordingChain:
    """A Chain of one subnet in one process; blocks pass when `advance` is called, epochs pass and pay nothing."""

    def __init__(
        self,
        netuid: Netuid,
        hotkey: Hotkey | None = None,
        *,
        rules: Hyperparameters = DEFAULT_RULES,
        max_validators: int = 64,
    ) -> None:
        self.calls: list[tuple[Any, ...]] = []
        """(method, argument, ...) of every call through the Chain protocol, failed ones included."""
        self.failure: ChainError | None = None
        """While it is set, every call raises it."""
        self.weights: dict[Hotkey, dict[Hotkey, float]] = {}
        self.hotkey = hotkey
        self._netuid = netuid
        self._rules = rules
        self._max_validators = max_validators
        self._block = BlockNumber(1)
        self._neurons: dict[Uid, Neuron] = {}

    def register(self, netuid: Netuid, hotkey: Hotkey, stake: float = 0.0, *, uid: Uid | None = None) -> Uid:
        """Return the uid of a hotkey, registered with this stake; a uid that is taken is replaced."""
        self._metagraph(netuid)
        known = {neuron.hotkey: neuron.uid for neuron in self._neurons.values()}.get(hotkey)
        place = known if known is not None else uid if uid is not None else Uid(len(self._neurons))
        fresh = Neuron(
            uid=place,
            hotkey=hotkey,
            stake=stake,
            validator_permit=False,
            endpoint=None,
            incentive=0,
            dividends=0,
            last_update=BlockNumber(0),
        )
        self._put(self._neurons[place].model_copy(update={"stake": stake}) if known is not None else fresh)
        return place

    def advance(self, blocks: int = 1) -> None:
        """Let blocks pass."""
        self._block = BlockNumber(self._block + blocks)

    def block(self) -> BlockNumber:
        """Return the current block."""
        self._record("block")
        return self._block

    def metagraph(self, netuid: Netuid) -> Metagraph:
        """Return the subnet as it was set up."""
        self._record("metagraph", netuid)
        return self._metagraph(netuid)

    def hyperparameters(self, netuid: Netuid) -> Hyperparameters:
        """Return the rules it was made with."""
        self._record("hyperparameters", netuid)
        self._metagraph(netuid)
        return self._rules

    def serve(self, netuid: Netuid, endpoint: Endpoint) -> None:
        """Publish where this hotkey serves.

        Raises:
            NotRegisteredError: If the hotkey is not registered.
        """
        self._record("serve", netuid, endpoint)
        self._put(registered(self._metagraph(netuid), self.hotkey).model_copy(update={"endpoint": endpoint}))

    def set_weights(self, netuid: Netuid, weights: Mapping[Hotkey, float], *, version: int, mechanism: int = 0) -> None:
        """Set this hotkey's weights by the rules of a real chain.

        Raises:
            NotRegisteredError: If the own hotkey, or one that is weighted, is not registered.
            PermissionDeniedError: If the own hotkey holds no validator permit.
            RateLimitedError: If weights were set too recently.
            ChainError: If a weight is negative or not finite, or all are zero.
        """
        self._record("set_weights", netuid, dict(weights), version)
        metagraph = self._metagraph(netuid)
        accepted = accepted_weights(metagraph, self._rules, self.hotkey, weights, version=version, mechanism=mechanism)
        neuron = registered(metagraph, self.hotkey)
        self.weights[neuron.hotkey] = accepted
        self._put(neuron.model_copy(update={"last_update": self._block}))

    def _metagraph(self, netuid: Netuid) -> Metagraph:
        if netuid != self._netuid:
            raise ChainError(f"there is no subnet {netuid} on this chain")
        neurons = tuple(neuron for _, neuron in sorted(self._neurons.items()))
        epoch, past = divmod(self._block, self._rules.tempo)
        ends = BlockNumber(self._block - past + self._rules.tempo)
        return Metagraph(netuid=netuid, block=self._block, epoch=epoch, epoch_ends=ends, neurons=neurons)

    def _put(self, neuron: Neuron) -> None:
        self._neurons[neuron.uid] = neuron
        permits = permitted({uid: one.stake for uid, one in self._neurons.items()}, self._max_validators)
        for uid, one in self._neurons.items():
            self._neurons[uid] = one.model_copy(update={"validator_permit": uid in permits})

    def _record(self, *call: Any) -> None:
        self.calls.append(call)
        if self.failure is not None:
            raise self.failure

"""The Chain Protocol and the metagraph it yields; neurons are told apart by hotkey, never by uid alone.

Calls block; a role with an event loop hands them to a thread.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, NewType, Protocol

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Hotkey

Uid = NewType("Uid", int)
Netuid = NewType("Netuid", int)
BlockNumber = NewType("BlockNumber", int)


class Endpoint(BaseModel):
    """Where a neuron serves HTTP."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str
    port: Annotated[int, Field(ge=1, le=65_535)]

    @property
    def url(self) -> str:
        """The base URL, without a slash at the end."""
        return f"http://{self.host}:{self.port}"


class Neuron(BaseModel):
    """One registered hotkey as the chain sees it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    uid: Uid
    hotkey: Hotkey
    stake: float
    validator_permit: bool
    endpoint: Endpoint | None
    incentive: float
    """Share of the miners' emission in the last epoch; sums to 1 over the subnet or is 0 everywhere."""
    dividends: float
    """Share of the validators' emission in the last epoch."""
    last_update: BlockNumber
    """Block at which this neuron last set weights; if never, 0, or on Bittensor the block it registered at."""


class Metagraph(BaseModel):
    """The subnet at one block."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    netuid: Netuid
    block: BlockNumber
    epoch: int
    """Epochs that have passed and were paid."""
    epoch_ends: BlockNumber
    """Block at which the running epoch is paid."""
    neurons: tuple[Neuron, ...]
    owner: Hotkey | None = None
    """The hotkey of the subnet's owner if it is registered; what it earns as a miner is burned."""

    @cached_property
    def by_hotkey(self) -> dict[Hotkey, Neuron]:
        """The neurons by hotkey."""
        return {neuron.hotkey: neuron for neuron in self.neurons}


class Hyperparameters(BaseModel):
    """The subnet's rules that a role must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tempo: int
    """Blocks in an epoch."""
    block_seconds: float
    weights_rate_limit: int
    """Blocks that must lie between two settings of weights."""
    weights_version: int
    min_weights: int = 1
    """Hotkeys that must be weighted at least; weighting oneself alone is exempt."""
    max_weight: float = 1.0
    """Largest share of the weights that one hotkey may get; weighting oneself alone is exempt."""
    stake_threshold: float = 0.0
    """Stake that a hotkey must hold to set weights; one rule for the whole chain."""
    mechanisms: int = 1
    """How many mechanisms the subnet has; each has its own weights and its own rate limit."""


class Chain(Protocol):
    """What every role needs of a chain, and nothing more."""

    def block(self) -> BlockNumber:
        """Return the current block."""

    def metagraph(self, netuid: Netuid) -> Metagraph:
        """Return the subnet as of the current block, epochs that have passed included."""

    def hyperparameters(self, netuid: Netuid) -> Hyperparameters:
        """Return the subnet's rules."""

    def serve(self, netuid: Netuid, endpoint: Endpoint) -> None:
        """Publish where this hotkey serves.

        Raises:
            NotRegisteredError: If the hotkey is not registered.
        """

    def set_weights(self, netuid: Netuid, weights: Mapping[Hotkey, float], *, version: int, mechanism: int = 0) -> None:
        """Set this validator's weights in one mechanism; they need not sum to 1.

        Raises:
            NotRegisteredError: If the own hotkey, or one that is weighted, is not registered.
            PermissionDeniedError: If the own hotkey holds no validator permit.
            RateLimitedError: If weights were set too recently.
            StaleMetagraphError: If the chain has stood still for too long to weight anybody.
            WeightsPendingError: If an earlier setting may still be on its way: ask again, nothing was sent now.
            ChainUnavailableError: If the chain does not answer.
            RuntimeChangedError: If the chain's runtime is not one that this version can read.
            ChainError: If a weight is negative or not finite, all are zero, or another rule of the subnet is broken.
        """

"""BittensorChain: the Chain of testnet and mainnet. Nothing is sent that a rule forbids, and nothing is sent twice."""

import ipaddress
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from bittensor.client import Client
from bittensor.error_map import ErrorCode
from bittensor.intents import ServeAxon, SetWeights
from bittensor.intents.base import Intent
from bittensor.result import ExtrinsicResult

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Endpoint, Hyperparameters, Metagraph, Netuid
from conversation_genome.chain.bittensor.connection import Connection, refusal
from conversation_genome.chain.bittensor.reading import Subnet, read_metagraph, read_rules, read_subnet
from conversation_genome.chain.rules import accepted_weights, registered, with_burn
from conversation_genome.errors import ChainError, ChainUnavailableError, StaleMetagraphError, WeightsPendingError
from conversation_genome.protocol.signing import Signer

ERA_BLOCKS: Final = 16
"""Blocks within which an extrinsic must be included: so long, and no longer, is its fate open."""
SUBMIT_SECONDS: Final = 300.0
POOL_REFUSES: Final = "invalid transaction"
"""What a node says of an extrinsic that it did not take."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Pending:
    """Weights that were sent over a connection that was lost."""

    sent_at: int
    until: int
    """The last block that may hold them."""


class BittensorChain:
    """A Chain over the Bittensor SDK; safe to use from several threads."""

    def __init__(
        self,
        network: str,
        signer: Signer | None = None,
        *,
        fallback_endpoints: Sequence[str] = (),
        max_age_seconds: float = 300.0,
        burn_rate: float = 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Prepare a connection; nothing is asked before the first call.

        Args:
            network: `test`, `finney` or a ws:// URL.
            signer: Who serves and sets weights; None opens the chain for reading alone.
            fallback_endpoints: ws:// URLs that are tried in turn when the first does not answer.
            max_age_seconds: Age of the last block beyond which no weights are set.
            burn_rate: Share of the weights, in [0, 1], that goes to the subnet's owner and is burned.
            clock: Seconds since 1970.

        Raises:
            ChainError: If there is no such network.
        """
        self._connection = Connection(network, fallback_endpoints)
        self._signer = signer
        self._max_age_seconds = max_age_seconds
        self._burn_rate = burn_rate
        self._clock = clock
        self._sending = threading.Lock()
        self._pending: dict[tuple[Netuid, int], _Pending] = {}

    def close(self) -> None:
        """Disconnect; the chain cannot be used after."""
        self._connection.close()

    def block(self) -> BlockNumber:
        """Return the current block."""
        return BlockNumber(self._connection.call(lambda client: client.block()))

    def metagraph(self, netuid: Netuid) -> Metagraph:
        """Return the subnet as of the current block."""

        async def read(client: Client) -> Metagraph:
            return await read_metagraph(await client.at(), netuid)

        return self._connection.call(read)

    def hyperparameters(self, netuid: Netuid) -> Hyperparameters:
        """Return the subnet's rules."""

        async def read(client: Client) -> Hyperparameters:
            return await read_rules(await client.at(), netuid)

        return self._connection.call(read)

    def serve(self, netuid: Netuid, endpoint: Endpoint) -> None:
        """Publish where this hotkey serves, unless it is published already.

        Raises:
            NotRegisteredError: If the hotkey is not registered.
            ChainError: If the host is a name: a chain keeps addresses.
        """
        neuron = registered(self.metagraph(netuid), self._signer.hotkey if self._signer else None)
        if neuron.endpoint == endpoint:
            return
        try:
            address = ipaddress.ip_address(endpoint.host.strip("[]"))
        except ValueError as exc:
            raise ChainError(
                f"{endpoint.host!r} is no IP address, which is all that the chain keeps: set CGP_MINER_EXTERNAL_HOST to one"
            ) from exc
        result = self._send(ServeAxon(netuid=netuid, ip=str(address), port=endpoint.port))
        if result.error is not None:
            raise refusal(result.error)

    def set_weights(self, netuid: Netuid, weights: Mapping[Hotkey, float], *, version: int, mechanism: int = 0) -> None:
        """Set this validator's weights in one mechanism, in the clear or as a timelocked commit, as the subnet asks.

        What was sent over a connection that was lost is looked for first; while it may still be included nothing
        else is sent. Weights that turn out to stand are not sent again, though these may be newer.

        Raises:
            NotRegisteredError: If the own hotkey, or one that is weighted, is not registered.
            PermissionDeniedError: If the own hotkey holds no validator permit.
            RateLimitedError: If weights were set too recently.
            StaleMetagraphError: If the last block is too old to tell who is registered.
            WeightsPendingError: If weights that were sent may still be included.
            ChainUnavailableError: If the chain does not answer.
            RuntimeChangedError: If the chain's runtime is not one that this version reads.
            ChainError: If a weight is negative or not finite, all are zero, or another rule of the subnet is broken.
        """
        with self._sending:
            subnet = self._read(netuid, mechanism)
            self._check_age(subnet)
            if self._found(subnet, mechanism):
                return
            metagraph = self._as_of_mechanism(subnet)
            burning = with_burn(weights, metagraph.owner, self._burn_rate)
            hotkey = self._signer.hotkey if self._signer else None
            accepted = accepted_weights(metagraph, subnet.rules, hotkey, burning, version=version, mechanism=mechanism)
            intent = SetWeights(
                netuid=netuid,
                uids=[metagraph.by_hotkey[target].uid for target in accepted],
                weights=list(accepted.values()),
                mechid=mechanism,
                version_key=version,
            )
            self._send_weights(intent, subnet, mechanism)

    def _read(self, netuid: Netuid, mechanism: int) -> Subnet:
        return self._connection.call(lambda client: read_subnet(client, netuid, mechanism))

    def _check_age(self, subnet: Subnet) -> None:
        age = self._clock() - subnet.at_seconds
        if age > self._max_age_seconds:
            raise StaleMetagraphError(
                f"the last block, {subnet.metagraph.block}, is {age:.0f} s old, older than {self._max_age_seconds:g} s: "
                "no weights are set until the chain goes on, or this machine's clock is set by NTP"
            )

    def _as_of_mechanism(self, subnet: Subnet) -> Metagraph:
        """Return the metagraph with the last updates of the mechanism that is weighted."""
        updates = dict(enumerate(subnet.last_updates))
        neurons = tuple(
            neuron.model_copy(update={"last_update": updates.get(neuron.uid, 0)}) for neuron in subnet.metagraph.neurons
        )
        return subnet.metagraph.model_copy(update={"neurons": neurons})

    def _found(self, subnet: Subnet, mechanism: int) -> bool:
        """Return whether weights that were sent without an answer are on chain after all.

        Raises:
            WeightsPendingError: If they are not, and may still come.
        """
        place = (subnet.metagraph.netuid, mechanism)
        pending = self._pending.get(place)
        if pending is None:
            return False
        if self._last_update(subnet) > pending.sent_at:
            del self._pending[place]
            _log.info(
                "weights that were sent before the connection was lost are on chain", block=subnet.metagraph.block
            )
            return True
        if subnet.metagraph.block <= pending.until:
            raise WeightsPendingError(
                f"weights were sent at block {pending.sent_at} and the connection was lost: they are not on chain at block "
                f"{subnet.metagraph.block} and may come until block {pending.until}; nothing is sent before"
            )
        del self._pending[place]
        return False

    def _last_update(self, subnet: Subnet) -> int:
        neuron = registered(subnet.metagraph, self._signer.hotkey if self._signer else None)
        return subnet.last_updates[neuron.uid] if neuron.uid < len(subnet.last_updates) else 0

    def _send_weights(self, intent: SetWeights, subnet: Subnet, mechanism: int) -> None:
        netuid, block = subnet.metagraph.netuid, subnet.metagraph.block
        cause: Exception | None = None
        try:
            result = self._send(intent)
            if result.success:
                return
            if result.error is not None and not _is_open(result):
                raise refusal(result.error)
        except ChainUnavailableError as exc:
            cause = exc
        self._pending[netuid, mechanism] = _Pending(sent_at=block, until=block + ERA_BLOCKS)
        _log.warning(
            "the connection was lost while weights were sent", block=block, reason=str(cause or result.message)
        )
        try:
            if self._found(self._read(netuid, mechanism), mechanism):
                return
        except ChainUnavailableError as exc:
            raise WeightsPendingError(
                f"the connection was lost while weights were sent at block {block}, and the chain does not answer: "
                "whether they stand is read before anything is sent again"
            ) from exc
        raise ChainError(f"the weights that were sent at block {block} were not taken in time: set them again")

    def _send(self, intent: Intent) -> ExtrinsicResult:
        if self._signer is None:
            raise ChainError("this chain was opened without a hotkey, for reading alone: open it with one to act")
        keypair = self._signer.keypair
        return self._connection.call(
            lambda client: client.execute(intent, keypair, period=ERA_BLOCKS, retries=0), seconds=SUBMIT_SECONDS
        )


def _is_open(result: ExtrinsicResult) -> bool:
    """Return whether a failure leaves open what became of the extrinsic: it names no error of a pallet or a pool."""
    error = result.error
    return (
        error is not None
        and error.name is None
        and error.code is ErrorCode.UNKNOWN
        and POOL_REFUSES not in error.message.lower()
    )

"""What is read of a subnet, all of it at one block, and how it becomes our Metagraph and Hyperparameters."""

import asyncio
import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import structlog
from bittensor import storage
from bittensor.client import Client
from bittensor.snapshot import Snapshot

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import BlockNumber, Endpoint, Hyperparameters, Metagraph, Netuid, Neuron, Uid
from conversation_genome.errors import ChainError

RAO: Final = 10**9
U16_MAX: Final = 65_535
MECHANISM_STEP: Final = 4_096
"""The storage index of a mechanism is this times its number, plus the netuid (subtensor, `get_mechanism_storage_index`)."""
METAGRAPH_API: Final = ("SubnetInfoRuntimeApi", "get_metagraph")

_pallet = storage.SubtensorModule
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Subnet:
    """A subnet as of one block."""

    metagraph: Metagraph
    rules: Hyperparameters
    last_updates: tuple[int, ...]
    """By uid, in the mechanism that was asked for; in blocks."""
    at_seconds: float
    """The block's time, seconds since 1970."""


async def read_subnet(client: Client, netuid: Netuid, mechanism: int = 0) -> Subnet:
    """Return metagraph, rules and the mechanism's last updates, read together.

    Raises:
        ChainError: If there is no such subnet.
    """
    view = await client.at()
    metagraph, rules, last_updates, milliseconds = await asyncio.gather(
        read_metagraph(view, netuid),
        read_rules(view, netuid),
        view.query(_pallet.LastUpdate, [mechanism * MECHANISM_STEP + netuid]),
        view.query(storage.Timestamp.Now),
    )
    return Subnet(metagraph, rules, tuple(map(int, last_updates or ())), int(milliseconds) / 1000)


async def read_metagraph(view: Snapshot, netuid: Netuid) -> Metagraph:
    """Return the subnet's neurons as of the view's block.

    Raises:
        ChainError: If there is no such subnet.
    """
    graph, tempo, epoch, last_epoch = await asyncio.gather(
        view.runtime(METAGRAPH_API, [netuid]),
        view.query(_pallet.Tempo, [netuid]),
        _optional(view, _pallet.SubnetEpochIndex, netuid),
        _optional(view, _pallet.LastEpochBlock, netuid),
    )
    if not isinstance(graph, Mapping):
        raise ChainError(f"there is no subnet {netuid} on this chain: set CGP_NETUID to one that is there")
    length = max(1, int(tempo))
    if epoch is None or last_epoch is None:  # runtimes before stateful epochs: `(block + netuid + 1) % (tempo + 1)`
        epoch, past = divmod(view.block + netuid + 1, length + 1)
        last_epoch, length = view.block - past, length + 1
    ends = max(int(last_epoch) + length, view.block + 1)
    return metagraph_of(graph, netuid=netuid, block=view.block, epoch=int(epoch), epoch_ends=ends)


async def read_rules(view: Snapshot, netuid: Netuid) -> Hyperparameters:
    """Return the subnet's rules as of the view's block."""
    tempo, rate, version, least, most, threshold, mechanisms = await asyncio.gather(
        view.query(_pallet.Tempo, [netuid]),
        view.query(_pallet.WeightsSetRateLimit, [netuid]),
        view.query(_pallet.WeightsVersionKey, [netuid]),
        view.query(_pallet.MinAllowedWeights, [netuid]),
        view.query(_pallet.MaxWeightsLimit, [netuid]),
        view.query(_pallet.StakeThreshold),
        _optional(view, _pallet.MechanismCountCurrent, netuid),
    )
    return Hyperparameters(
        tempo=int(tempo),
        block_seconds=await view.block_time(),
        weights_rate_limit=int(rate),
        weights_version=int(version),
        min_weights=int(least),
        max_weight=int(most) / U16_MAX,
        stake_threshold=int(threshold or 0) / RAO,
        mechanisms=max(1, int(mechanisms or 1)),
    )


def metagraph_of(graph: Mapping[str, Any], *, netuid: Netuid, block: int, epoch: int, epoch_ends: int) -> Metagraph:
    """Return our metagraph of the runtime's; shares are its u16 over 65535, stakes its rao over 10^9."""
    hotkeys = [Hotkey(str(hotkey)) for hotkey in graph["hotkeys"]]
    columns = ("total_stake", "validator_permit", "axons", "incentives", "dividends", "last_update")
    rows = zip(range(len(hotkeys)), hotkeys, *(graph[column] for column in columns), strict=True)
    owner = Hotkey(str(graph["owner_hotkey"]))
    return Metagraph(
        netuid=netuid,
        block=BlockNumber(block),
        epoch=epoch,
        epoch_ends=BlockNumber(epoch_ends),
        neurons=tuple(_neuron(*row) for row in rows),
        owner=owner if owner in hotkeys else None,
    )


def _neuron(uid: int, hotkey: Hotkey, *columns: Any) -> Neuron:
    stake, has_permit, axon, incentive, dividends, last_update = columns
    return Neuron(
        uid=Uid(uid),
        hotkey=hotkey,
        stake=int(stake) / RAO,
        validator_permit=bool(has_permit),
        endpoint=_endpoint(axon),
        incentive=int(incentive) / U16_MAX,
        dividends=int(dividends) / U16_MAX,
        last_update=BlockNumber(int(last_update)),
    )


def _endpoint(axon: Mapping[str, Any]) -> Endpoint | None:
    """Return where an axon serves, None if it was never published."""
    number, port = int(axon["ip"]), int(axon["port"])
    if not number or not port:
        return None
    family = ipaddress.IPv6Address if int(axon["ip_type"]) == 6 else ipaddress.IPv4Address
    try:
        address = family(number)
    except ipaddress.AddressValueError:
        return None  # whoever published it is not to be reached, and nobody else suffers for it
    return Endpoint(host=str(address) if address.version == 4 else f"[{address}]", port=port)


async def _optional(view: Snapshot, item: Sequence[str], netuid: Netuid) -> Any:
    """Return a value that older or newer runtimes lack, None where it is not there."""
    try:
        return await view.query(item, [netuid])
    except ValueError as exc:
        _log.warning("the runtime lacks a storage item", item=item[1], reason=str(exc))
        return None

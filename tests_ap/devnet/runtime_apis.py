"""The runtime APIs that the SDK calls: answers of the right type, filled where the SDK or we look."""

from typing import Any, Final

from tests_ap.devnet.blocks import Blocks
from tests_ap.devnet.subnets import MECHANISM_STEP

METADATA: Final = "Metadata_metadata_at_version"


def answer(blocks: Blocks, name: str, arguments: str, at: int) -> str:
    """Return the SCALE-encoded answer, in hexadecimal; of an API that is not modelled the empty value."""
    if name == METADATA:
        return "0x" + blocks.runtime_at(at).metadata.opaque.hex()
    api, method = name.split("_", 1)
    output = blocks.state.codec.runtime_api_map[api][method]["output"]
    type_id = int(output.split("::")[1])
    given = bytes.fromhex(arguments.removeprefix("0x"))
    value = _value(blocks, method, given, type_id, at)
    return "0x" + str(blocks.state.codec.encode(output, value).hex())


def _value(blocks: Blocks, method: str, given: bytes, type_id: int, at: int) -> Any:
    netuid = int.from_bytes(given[:2], "little")
    if method == "query_info":
        return {"weight": {"ref_time": 1, "proof_size": 1}, "class": "Normal", "partial_fee": 0}
    if method == "get_next_epoch_start_block":
        get = blocks.subnets.get
        return get("LastEpochBlock", netuid, at=at) + get("Tempo", netuid, at=at)
    if method in ("get_metagraph", "get_mechagraph"):
        mechanism = given[2] if method == "get_mechagraph" else 0
        return _metagraph(blocks, netuid, mechanism, type_id, at)
    return blocks.state.zero(type_id)


def _metagraph(blocks: Blocks, netuid: int, mechanism: int, type_id: int, at: int) -> dict[str, Any] | None:
    subnets, state = blocks.subnets, blocks.state
    if not subnets.get("NetworksAdded", netuid, at=at):
        return None
    struct = state.inner_type(type_id, "some")
    no_axon = state.zero(state.inner_type(struct, "axons", "item"))
    hotkeys = subnets.hotkeys(netuid, at)
    stakes = [subnets.stake(netuid, hotkey) for hotkey in hotkeys]

    def by_uid(item: str, index: int = netuid) -> list[Any]:
        return list(subnets.get(item, index, at=at))

    return {
        **state.zero(struct),
        "netuid": netuid,
        "block": at,
        "tempo": subnets.get("Tempo", netuid, at=at),
        "num_uids": len(hotkeys),
        "max_uids": subnets.get("MaxAllowedUids", netuid, at=at),
        "owner_hotkey": subnets.get("SubnetOwnerHotkey", netuid, at=at),
        "owner_coldkey": subnets.get("SubnetOwner", netuid, at=at),
        "hotkeys": hotkeys,
        "coldkeys": [subnets.get("Owner", hotkey, at=at) for hotkey in hotkeys],
        "identities": [None] * len(hotkeys),
        "axons": [subnets.get("Axons", netuid, hotkey, at=at) or no_axon for hotkey in hotkeys],
        "active": by_uid("Active"),
        "validator_permit": by_uid("ValidatorPermit"),
        "pruning_score": [0] * len(hotkeys),
        "last_update": by_uid("LastUpdate", netuid + mechanism * MECHANISM_STEP),
        "emission": by_uid("Emission"),
        "dividends": by_uid("Dividends"),
        "incentives": by_uid("Incentive"),
        "consensus": by_uid("Consensus"),
        "trust": [0] * len(hotkeys),
        "rank": [0] * len(hotkeys),
        "block_at_registration": [
            subnets.get("BlockAtRegistration", netuid, uid, at=at) for uid in range(len(hotkeys))
        ],
        "alpha_stake": stakes,
        "tao_stake": [0] * len(hotkeys),
        "total_stake": stakes,
    }

"""What happens on the development node's subnets: registration, serving, weights and epochs.

The checks of `set_weights` and their order are the pallet's (github.com/opentensor/subtensor,
pallets/subtensor/src/subnets/weights.rs, read at spec 425); the shares of an epoch are Yuma Consensus as
`conversation_genome.chain.epochs` computes it.
"""

from typing import Any, Final

from conversation_genome.chain.base import BlockNumber, Neuron, Uid
from conversation_genome.chain.epochs import settle
from conversation_genome.chain.rules import permitted
from tests_ap.devnet.state import State

RAO: Final = 10**9
U16_MAX: Final = 65_535
MECHANISM_STEP: Final = 4_096
"""The storage index of a mechanism is this times its number, plus the netuid."""
COMMIT_REVEAL_VERSION: Final = 4

BY_UID: Final = {
    "Active": True,
    "ValidatorPermit": False,
    "Incentive": 0,
    "Consensus": 0,
    "Dividends": 0,
    "Emission": 0,
    "ValidatorTrust": 0,
}
"""Lists with one entry for every uid, and the entry of a newcomer."""


class DispatchError(Exception):
    """A call fails with this error of the pallet; nothing of it is kept."""


class Subnets:
    """The pallet's rules over one State."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._stakes: dict[tuple[int, str], int] = {}
        self.netuids: list[int] = []
        self.commits: list[tuple[int, int, str]] = []
        """(netuid, mechanism, hotkey) of every timelocked commit that was taken; it is never revealed."""

    def get(self, item: str, *params: Any, at: int | None = None) -> Any:
        """Return a value of the pallet's storage."""
        return self._state.get(item, list(params), at=at)

    def put(self, item: str, *params_and_value: Any) -> None:
        """Store a value of the pallet, from the block on that is being made."""
        *params, value = params_and_value
        self._state.put(item, params, value)

    def add(self, netuid: int, owner: str, *, tempo: int) -> None:
        """Open a subnet with open rules: no rate limit, no version, one weight is enough, weights in the clear."""
        self.netuids.append(netuid)
        rules = {
            "NetworksAdded": True,
            "SubnetworkN": 0,
            "Tempo": tempo,
            "SubnetOwner": owner,
            "LastEpochBlock": self._state.block,
            "MaxAllowedUids": 256,
            "MaxAllowedValidators": 64,
            "WeightsSetRateLimit": 0,
            "MinAllowedWeights": 1,
            "MaxWeightsLimit": U16_MAX,
            "CommitRevealWeightsEnabled": False,
            "WeightsVersionKey": 0,
            "RevealPeriodEpochs": 1,
            "MechanismCountCurrent": 1,
        }
        for item, value in rules.items():
            self.put(item, netuid, value)
        self._state.put("TotalNetworks", [], len(self.netuids))

    def hotkeys(self, netuid: int, at: int | None = None) -> list[str]:
        """Return the registered hotkeys by uid."""
        return [self.get("Keys", netuid, uid, at=at) for uid in range(self.get("SubnetworkN", netuid, at=at))]

    def stake(self, netuid: int, hotkey: str) -> int:
        """Return the stake in rao; it has no history."""
        return self._stakes.get((netuid, hotkey), 0)

    def set_stake(self, netuid: int, hotkey: str, rao: int) -> None:
        """Set a stake; permits follow at once (a subtensor waits for the epoch)."""
        self._stakes[netuid, hotkey] = rao
        stakes = {Uid(uid): float(self.stake(netuid, key)) for uid, key in enumerate(self.hotkeys(netuid))}
        holders = permitted(stakes, self.get("MaxAllowedValidators", netuid))
        self.put("ValidatorPermit", netuid, [uid in holders for uid in stakes])

    def register(self, netuid: int, hotkey: str, coldkey: str) -> int:
        """Return the uid of a newcomer; a full subnet gives it the place of who earned least without a permit."""
        if netuid not in self.netuids:
            raise DispatchError("SubnetNotExists")
        if self.get("Uids", netuid, hotkey) is not None:
            raise DispatchError("HotKeyAlreadyRegisteredInSubNet")
        uid, is_new = self._place(netuid)
        if is_new:
            self.put("SubnetworkN", netuid, uid + 1)
        else:
            self._forget(netuid, uid)
        for item, params, value in (
            ("Keys", (netuid, uid), hotkey),
            ("Uids", (netuid, hotkey), uid),
            ("Owner", (hotkey,), coldkey),
            ("BlockAtRegistration", (netuid, uid), self._state.block),
        ):
            self.put(item, *params, value)
        for item, value in BY_UID.items():
            self._put_entry(item, netuid, uid, value)
        for mechanism in range(self.get("MechanismCountCurrent", netuid)):
            self._put_entry("LastUpdate", netuid + mechanism * MECHANISM_STEP, uid, self._state.block)
        self.set_stake(netuid, hotkey, self.stake(netuid, hotkey))
        return uid

    def serve(self, netuid: int, hotkey: str, axon: dict[str, Any]) -> None:
        """Publish an endpoint."""
        if self.get("Uids", netuid, hotkey) is None:
            raise DispatchError("HotKeyNotRegisteredInSubNet")
        fields = ("version", "ip", "port", "ip_type", "protocol", "placeholder1", "placeholder2")
        self.put("Axons", netuid, hotkey, {"block": self._state.block, **{name: axon[name] for name in fields}})

    def set_weights(self, netuid: int, mechanism: int, hotkey: str, pairs: list[tuple[int, int]], version: int) -> None:
        """Keep a validator's weights in the place of its last ones."""
        if self.get("CommitRevealWeightsEnabled", netuid):
            raise DispatchError("CommitRevealEnabled")
        uid = self._may_set(netuid, mechanism, hotkey, version)
        self._check_pairs(netuid, uid, pairs)
        self.put("Weights", netuid + mechanism * MECHANISM_STEP, uid, pairs)
        self._put_entry("LastUpdate", netuid + mechanism * MECHANISM_STEP, uid, self._state.block)

    def commit(self, netuid: int, mechanism: int, hotkey: str, protocol: int) -> None:
        """Take a timelocked commit; nobody here has the key that would reveal it."""
        if not self.get("CommitRevealWeightsEnabled", netuid):
            raise DispatchError("CommitRevealDisabled")
        if protocol != COMMIT_REVEAL_VERSION:
            raise DispatchError("IncorrectCommitRevealVersion")
        uid = self._may_set(netuid, mechanism, hotkey, U16_MAX)
        self.commits.append((netuid, mechanism, hotkey))
        self._put_entry("LastUpdate", netuid + mechanism * MECHANISM_STEP, uid, self._state.block)

    def run_due_epochs(self) -> None:
        """Pay every subnet whose tempo has passed since its last epoch."""
        for netuid in self.netuids:
            tempo = self.get("Tempo", netuid)
            if tempo and self._state.block - self.get("LastEpochBlock", netuid) >= tempo:
                self._epoch(netuid)

    def _place(self, netuid: int) -> tuple[int, bool]:
        count = self.get("SubnetworkN", netuid)
        if count < self.get("MaxAllowedUids", netuid):
            return count, True
        permits, incentive = self.get("ValidatorPermit", netuid), self.get("Incentive", netuid)
        replaceable = [uid for uid in range(count) if not permits[uid]]
        if not replaceable:
            raise DispatchError("NoNeuronIdAvailable")
        return min(replaceable, key=lambda uid: (incentive[uid], uid)), False

    def _forget(self, netuid: int, uid: int) -> None:
        old = self.get("Keys", netuid, uid)
        self._state.remove("Uids", [netuid, old])
        self._state.remove("Axons", [netuid, old])
        self.put("Weights", netuid, uid, [])

    def _may_set(self, netuid: int, mechanism: int, hotkey: str, version: int) -> int:
        uid = self.get("Uids", netuid, hotkey)
        if mechanism >= self.get("MechanismCountCurrent", netuid):
            raise DispatchError("MechanismDoesNotExist")
        if uid is None:
            raise DispatchError("HotKeyNotRegisteredInSubNet")
        if self.stake(netuid, hotkey) < self.get("StakeThreshold"):
            raise DispatchError("NotEnoughStakeToSetWeights")
        if version < self.get("WeightsVersionKey", netuid):
            raise DispatchError("IncorrectWeightVersionKey")
        last = self.get("LastUpdate", netuid + mechanism * MECHANISM_STEP)[uid]
        if last and self._state.block - last < self.get("WeightsSetRateLimit", netuid):
            raise DispatchError("SettingWeightsTooFast")
        if not self.get("ValidatorPermit", netuid)[uid]:
            raise DispatchError("NeuronNoValidatorPermit")
        return int(uid)

    def _check_pairs(self, netuid: int, uid: int, pairs: list[tuple[int, int]]) -> None:
        targets = [target for target, _ in pairs]
        if len(set(targets)) != len(targets):
            raise DispatchError("DuplicateUids")
        if any(target >= self.get("SubnetworkN", netuid) for target in targets):
            raise DispatchError("UidVecContainInvalidOne")
        if targets == [uid]:
            return
        if len(targets) < min(self.get("MinAllowedWeights", netuid), self.get("SubnetworkN", netuid)):
            raise DispatchError("WeightVecLengthIsLow")
        limit = self.get("MaxWeightsLimit", netuid)
        if limit < U16_MAX and max(value for _, value in pairs) * U16_MAX > limit * sum(value for _, value in pairs):
            raise DispatchError("MaxWeightExceeded")

    def _epoch(self, netuid: int) -> None:
        hotkeys = self.hotkeys(netuid)
        shares = settle(self._neurons(netuid, hotkeys), self._standing_weights(netuid, hotkeys))
        for column, item in enumerate(("Incentive", "Dividends")):
            self.put(item, netuid, [round(shares.get(key, (0.0, 0.0))[column] * U16_MAX) for key in hotkeys])
        self.put("LastEpochBlock", netuid, self._state.block)
        self.put("SubnetEpochIndex", netuid, self.get("SubnetEpochIndex", netuid) + 1)

    def _neurons(self, netuid: int, hotkeys: list[str]) -> list[Neuron]:
        permits = self.get("ValidatorPermit", netuid)
        return [
            Neuron(
                uid=Uid(uid),
                hotkey=hotkey,
                stake=self.stake(netuid, hotkey) / RAO,
                validator_permit=permits[uid],
                endpoint=None,
                incentive=0,
                dividends=0,
                last_update=BlockNumber(0),
            )
            for uid, hotkey in enumerate(hotkeys)
        ]

    def _standing_weights(self, netuid: int, hotkeys: list[str]) -> dict[str, dict[str, float]]:
        """Return the weights of mechanism 0; those that are older than their target's registration do not count."""
        born = [self.get("BlockAtRegistration", netuid, uid) for uid in range(len(hotkeys))]
        set_at = self.get("LastUpdate", netuid)
        return {
            hotkey: {
                hotkeys[target]: float(value)
                for target, value in self.get("Weights", netuid, uid)
                if set_at[uid] > born[target]
            }
            for uid, hotkey in enumerate(hotkeys)
        }

    def _put_entry(self, item: str, index: int, uid: int, value: Any) -> None:
        entries = list(self.get(item, index))
        entries += [0] * (uid + 1 - len(entries))
        entries[uid] = value
        self.put(item, index, entries)

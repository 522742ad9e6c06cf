"""The calls that the development node knows; any other fails with CallFiltered, as a call that a chain forbids."""

from collections.abc import Callable
from typing import Any, Final

from tests_ap.devnet.state import State
from tests_ap.devnet.subnets import DispatchError, Subnets

Arguments = dict[str, Any]

OWNER_SETTINGS: Final = {
    "sudo_set_tempo": ("Tempo", "tempo"),
    "sudo_set_weights_set_rate_limit": ("WeightsSetRateLimit", "weights_set_rate_limit"),
    "sudo_set_weights_version_key": ("WeightsVersionKey", "weights_version_key"),
    "sudo_set_commit_reveal_weights_enabled": ("CommitRevealWeightsEnabled", "enabled"),
    "sudo_set_min_allowed_weights": ("MinAllowedWeights", "min_allowed_weights"),
    "sudo_set_max_allowed_uids": ("MaxAllowedUids", "max_allowed_uids"),
}
"""Setters of AdminUtils: the storage item, and the argument that holds its value."""


class Calls:
    """Carries out one call of one sender; raises DispatchError and changes nothing, or does all of it."""

    def __init__(self, state: State, subnets: Subnets) -> None:
        self._state = state
        self._subnets = subnets
        self._table: dict[tuple[str, str], Callable[[str, Arguments], None]] = {
            ("Sudo", "sudo"): self._sudo,
            ("SubtensorModule", "burned_register"): self._register,
            ("SubtensorModule", "add_stake"): self._add_stake,
            ("SubtensorModule", "serve_axon"): self._serve,
            ("SubtensorModule", "set_weights"): self._set_weights,
            ("SubtensorModule", "set_mechanism_weights"): self._set_weights,
            ("SubtensorModule", "commit_timelocked_mechanism_weights"): self._commit,
        }

    def dispatch(self, sender: str, call: dict[str, Any]) -> None:
        """Carry a call out.

        Raises:
            DispatchError: With the name of the pallet's error.
        """
        module, function = call["call_module"], call["call_function"]
        arguments = {argument["name"]: argument["value"] for argument in call["call_args"]}
        if module == "AdminUtils" and function in OWNER_SETTINGS:
            self._set_rule(sender, function, arguments)
            return
        known = self._table.get((module, function))
        if known is None:
            raise DispatchError("System.CallFiltered")
        known(sender, arguments)

    def _sudo(self, sender: str, arguments: Arguments) -> None:
        if sender != self._state.get("Key", [], pallet="Sudo"):
            raise DispatchError("Sudo.RequireSudo")
        self.dispatch(sender, arguments["call"])

    def _set_rule(self, sender: str, function: str, arguments: Arguments) -> None:
        owner = self._subnets.get("SubnetOwner", arguments["netuid"])
        if sender not in (owner, self._state.get("Key", [], pallet="Sudo")):
            raise DispatchError("NotSubnetOwner")
        item, argument = OWNER_SETTINGS[function]
        self._subnets.put(item, arguments["netuid"], arguments[argument])

    def _register(self, sender: str, arguments: Arguments) -> None:
        self._subnets.register(arguments["netuid"], arguments["hotkey"], sender)

    def _add_stake(self, sender: str, arguments: Arguments) -> None:
        netuid, hotkey = arguments["netuid"], arguments["hotkey"]
        if self._subnets.get("Owner", hotkey) != sender:
            raise DispatchError("NonAssociatedColdKey")
        stake = self._subnets.stake(netuid, hotkey) + int(arguments["amount_staked"])
        self._subnets.set_stake(netuid, hotkey, stake)

    def _serve(self, sender: str, arguments: Arguments) -> None:
        self._subnets.serve(arguments["netuid"], sender, arguments)

    def _set_weights(self, sender: str, arguments: Arguments) -> None:
        targets, values = arguments["dests"], arguments["weights"]
        if len(targets) != len(values):
            raise DispatchError("WeightVecNotEqualSize")
        pairs = [(int(target), int(value)) for target, value in zip(targets, values, strict=True)]
        mechanism, version = arguments.get("mecid", 0), arguments["version_key"]
        self._subnets.set_weights(arguments["netuid"], mechanism, sender, pairs, version)

    def _commit(self, sender: str, arguments: Arguments) -> None:
        protocol = arguments["commit_reveal_version"]
        self._subnets.commit(arguments["netuid"], arguments["mecid"], sender, protocol)

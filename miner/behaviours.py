"""What a miner does with a task: the honest behaviour, and which one the settings ask for."""

import importlib
from typing import Final, Protocol, cast, runtime_checkable

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.loading import LOCAL
from conversation_genome.errors import SettingsError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.settings import MinerSettings

HONEST: Final = "honest"
_MODULES: Final = {HONEST: "miner.honest"}
_OTHERS_MODULE: Final = "miner.misbehaviours"


class Behaviour(Protocol):
    """Answers tasks, several at once, each in a thread of its own."""

    @property
    def concurrency(self) -> int:
        """Tasks that it works on at once."""

    def answer(self, task: MinerTask) -> MinerAnswer | bytes:
        """Return the answer; bytes are sent as they are.

        Raises:
            InputError: If the task cannot be read.
        """

    def close(self) -> None:
        """Let go of what it holds; an answer in the making may be cut short."""


@runtime_checkable
class GivesParts(Protocol):
    """A behaviour that can say something at once where there is no time for all of it."""

    @property
    def has_parts(self) -> bool:
        """Whether it can now."""

    def part(self, task: MinerTask) -> MinerAnswer:
        """Return a part of the answer, in a small part of the time.

        Raises:
            InputError: If the task cannot be read.
        """


@runtime_checkable
class Reloadable(Protocol):
    """A behaviour whose settings may change while it works."""

    def reload(self, settings: MinerSettings) -> None:
        """Work by other settings from the next task on; blocks while models are loaded.

        Raises:
            ConversationGenomeError: If that cannot be done; then nothing has changed.
        """


class _Module(Protocol):
    def behaviour(self, settings: MinerSettings, hotkey: Hotkey) -> Behaviour: ...


def load_behaviour(settings: MinerSettings, hotkey: Hotkey) -> Behaviour:
    """Return the behaviour of the settings; the models are loaded for the honest one alone.

    Raises:
        SettingsError: If it is for the local network alone and this is another, or a setting of it is missing.
        ModelUnavailableError: If the honest behaviour's models are not there.
    """
    kind = settings.miner_behaviour
    if kind != HONEST and settings.subtensor_network != LOCAL:
        raise SettingsError(
            f"CGP_MINER_BEHAVIOUR={kind!r} is for the network {LOCAL!r} alone, and this is "
            f"{settings.subtensor_network!r}: set it to {HONEST!r}"
        )
    module = cast(_Module, importlib.import_module(_MODULES.get(kind, _OTHERS_MODULE)))
    return module.behaviour(settings, hotkey)

"""Other settings without a restart: on SIGHUP the miner reads them again, and takes those that it can.

What is bound when a process starts (addresses, the wallet, the chain, the models' files) stays, and the log says so.
Settings that are faulty change nothing.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

import structlog

from conversation_genome.errors import ConversationGenomeError
from conversation_genome.llm_settings import LlmSettings
from conversation_genome.settings import PREFIX, MinerSettings
from miner.behaviours import Behaviour, Reloadable
from miner.service import MinerService

TAKEN: Final = frozenset(
    {
        "miner_engine",
        "miner_max_tags",
        "miner_concurrency",
        "miner_queue",
        "miner_min_stake",
        "profiles_sensitive",
    }
) | frozenset(LlmSettings.model_fields)
"""What a running miner takes up."""
_logger = structlog.get_logger(__name__)


class Reloading:
    """Compares settings that were read again with those in use."""

    def __init__(
        self,
        settings: MinerSettings,
        reread: Callable[[], MinerSettings],
        *,
        service: MinerService,
        behaviour: Behaviour,
    ) -> None:
        """Keep what is in use.

        Args:
            settings: As they are in use.
            reread: Reads them again.
            service: What takes tasks.
            behaviour: What answers them.
        """
        self._settings = settings
        self._reread = reread
        self._service = service
        self._behaviour = behaviour
        self._turn = asyncio.Lock()

    @property
    def settings(self) -> MinerSettings:
        """The settings in use; of those that take a restart, the ones that the process started with."""
        return self._settings

    async def reload(self) -> None:
        """Read the settings again, and take what can be taken; a fault is logged and changes nothing."""
        async with self._turn:
            try:
                await self._reload()
            except ConversationGenomeError as exc:
                _logger.error("Settings that were read again are faulty: nothing was changed", reason=str(exc))  # noqa: TRY400 -- the sentence says all

    async def _reload(self) -> None:
        wanted = await asyncio.to_thread(self._reread)
        changed = [
            name for name in MinerSettings.model_fields if getattr(wanted, name) != getattr(self._settings, name)
        ]
        taken = {name: getattr(wanted, name) for name in changed if name in TAKEN}
        settings = self._settings.model_copy(update=taken)
        if isinstance(self._behaviour, Reloadable):
            await asyncio.to_thread(self._behaviour.reload, settings)
        self._service.reload(min_stake=settings.miner_min_stake, room=settings.miner_queue)
        self._settings = settings
        _logger.info("Settings were read again", taken=_names(taken), take_a_restart=_names(set(changed) - set(taken)))


def _names(fields: Iterable[str]) -> list[str]:
    return sorted(f"{PREFIX}{name}".upper() for name in fields)

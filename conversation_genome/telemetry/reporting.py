"""Looks at a role's numbers every so often and hands them on; whatever goes wrong there costs numbers, never work."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Final, Literal, Protocol

import structlog

from conversation_genome import __version__
from conversation_genome.errors import UnavailableError
from conversation_genome.telemetry.sampling import Registry, numbers_of
from conversation_genome.telemetry.weights_and_biases import WandbSink

CLOSE_SECONDS: Final = 10.0
_log = structlog.get_logger(__name__)


class Sink(Protocol):
    """Whatever takes numbers; blocks."""

    def record(self, numbers: Mapping[str, float]) -> None:
        """Take one row."""

    def close(self) -> None:
        """Take no more."""


class Wanted(Protocol):
    """The settings that are read here."""

    @property
    def wandb_project(self) -> str:
        """Empty for none."""

    @property
    def wandb_mode(self) -> Literal["online", "offline"]:
        """`online` leaves it to WANDB_MODE."""

    @property
    def wandb_folder(self) -> Path:
        """Where runs lie."""

    @property
    def wandb_every_seconds(self) -> float:
        """Seconds between two rows."""


def _nothing() -> Mapping[str, float]:
    return {}


@asynccontextmanager
async def reporting(
    settings: Wanted, role: str, registry: Registry, *, more: Callable[[], Mapping[str, float]] = _nothing
) -> AsyncIterator[None]:
    """Report while the block runs, if the settings name a project.

    Args:
        settings: Of the role.
        role: What it is.
        registry: Its counters.
        more: Returns what is told beside them.

    Raises:
        SettingsError: If a project is named and the extra is not installed.
    """
    if not settings.wandb_project:
        yield
        return
    try:
        sink: Sink = await asyncio.to_thread(
            WandbSink,
            settings.wandb_project,
            role=role,
            mode=settings.wandb_mode,
            folder=settings.wandb_folder,
            version=__version__,
        )
    except UnavailableError as exc:
        _log.warning("No numbers are sent", reason=str(exc))
        yield
        return
    job = asyncio.create_task(_report(sink, registry, more, settings.wandb_every_seconds))
    try:
        yield
    finally:
        job.cancel()
        with suppress(asyncio.CancelledError):
            await job
        await _last_words(sink, registry, more)


async def _report(
    sink: Sink, registry: Registry, more: Callable[[], Mapping[str, float]], every_seconds: float
) -> None:
    while True:
        await asyncio.sleep(every_seconds)
        try:
            await asyncio.to_thread(sink.record, {**numbers_of(registry), **more()})
        except Exception:  # noqa: BLE001 -- the edge: numbers that are lost must cost nothing else
            _log.exception("Numbers were not sent")


async def _last_words(sink: Sink, registry: Registry, more: Callable[[], Mapping[str, float]]) -> None:
    def close() -> None:
        sink.record({**numbers_of(registry), **more()})
        sink.close()

    try:
        async with asyncio.timeout(CLOSE_SECONDS):
            await asyncio.to_thread(close)
    except Exception:  # noqa: BLE001 -- the edge: the role ends all the same
        _log.exception("The last numbers were not sent")

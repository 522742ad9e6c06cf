"""The validator's life: lease conversations, grade them, set weights, until it is told to stop.

An outage of the server, of a miner, of the chain, of a language model or of the disk costs work, never correctness: the
loop waits, a little longer each time, and goes on. What is done with the lease in each case stands in `after_failure`.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from enum import Enum
from typing import Final

import structlog

from conversation_genome.client import ConversationServerClient
from conversation_genome.errors import (
    ChainError,
    ConversationGenomeError,
    LeaseError,
    LlmAnswerError,
    LlmError,
    LlmFilteredError,
    LlmRefusalError,
    LlmRequestError,
    LlmTruncatedError,
    NobodyAnswersError,
    StateUnwritableError,
    UnavailableError,
)
from conversation_genome.protocol.messages import Bundle
from conversation_genome.tracing import span
from validators.grading import Grader
from validators.metrics import ValidatorMetrics
from validators.pauses import Backoff, jittered
from validators.watchdog import Watchdog, in_thread
from validators.weight_setter import WeightSetter

log = structlog.get_logger(__name__)

_RENEWALS_PER_LEASE: Final = 3
_SHORTEST_RENEWAL_SECONDS: Final = 1.0
_RELEASE_SECONDS: Final = 2.0
_BLAMED_IN_A_ROW: Final = 3
"""Conversations that may fail one after the other before this validator looks for the fault in itself."""
_OF_THE_CONVERSATION: Final = (LlmRefusalError, LlmFilteredError, LlmTruncatedError, LlmAnswerError, LlmRequestError)


class LeaseFate(Enum):
    """What is done with a lease when its conversation failed."""

    KEEP = "keep"
    """Nothing is wrong with it: it comes back first, and is taken up where it was."""
    RELEASE = "release"
    """Nothing is wrong with it, and another validator may do better."""
    BLAME = "blame"
    """It is given back with a reason; when that happens again and again the server hands it out no more."""
    LOST = "lost"
    """It is no longer held."""


def after_failure(failure: Exception) -> LeaseFate:
    """Return what is done with the lease of a conversation that failed so."""
    match failure:
        case LeaseError():
            return LeaseFate.LOST
        case NobodyAnswersError():
            return LeaseFate.RELEASE
        case UnavailableError() | StateUnwritableError() | ChainError():
            return LeaseFate.KEEP
        case LlmError() if not isinstance(failure, _OF_THE_CONVERSATION):
            return LeaseFate.RELEASE
        case _:
            return LeaseFate.BLAME


class Validator:
    """Runs until it is told to stop."""

    def __init__(
        self,
        *,
        server: ConversationServerClient,
        grader: Grader,
        weight_setter: WeightSetter,
        metrics: ValidatorMetrics,
        watchdog: Watchdog,
        conversations_in_flight: int,
        poll_seconds: float,
        stop_seconds: float,
    ) -> None:
        """Keep the tools; nothing runs yet.

        Args:
            server: Hands out conversations.
            grader: Grades one.
            weight_setter: Sets weights, and remembers.
            metrics: What counts.
            watchdog: Breaks off what hangs.
            conversations_in_flight: Conversations that are held under lease at once.
            poll_seconds: About how long to wait when there is nothing to do, or something failed for the first time.
            stop_seconds: What conversations at hand have to end once the validator is told to stop.
        """
        self._server = server
        self._grader = grader
        self._weights = weight_setter
        self._metrics = metrics
        self._watchdog = watchdog
        self._conversations_in_flight = conversations_in_flight
        self._poll_seconds = poll_seconds
        self._stop_seconds = stop_seconds
        self._leasing = asyncio.Lock()
        self._holding: set[str] = set()
        self._given_up: deque[str] = deque(maxlen=16)
        self._blamed_in_a_row = 0
        self._stop = asyncio.Event()

    def earnings(self) -> tuple[int, list[float]]:
        """Return the epoch in which weights were last set, and every average, without the hotkeys."""
        state = self._weights.state
        return state.last_epoch, [average.value for average in state.averages.by_hotkey.values()]

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then finish what is at hand in time, or give it back, and keep everything."""
        self._stop = stop
        weights = asyncio.create_task(self._keep_weights())
        workers = [asyncio.create_task(self._work()) for _ in range(self._conversations_in_flight)]
        try:
            async with self._watchdog.watching():
                await stop.wait()
                await asyncio.wait(workers, timeout=self._stop_seconds)
                await _cancelled([weights, *workers])
                await self._release_all()
        finally:
            await _cancelled([weights, *workers])
            await asyncio.to_thread(self._weights.save)
            await asyncio.to_thread(self._weights.memory.close)

    async def _work(self) -> None:
        backoff = Backoff(self._poll_seconds)
        while not self._stop.is_set():
            pause: float | None
            try:
                pause = await self._work_once()
                backoff.reset()
            except ConversationGenomeError as exc:
                self._metrics.waits.labels(exc.code).inc()
                log.warning("work is put off", reason=str(exc), code=exc.code)
                pause = backoff.next_seconds()
            except Exception:
                self._metrics.failures.inc()
                log.exception("conversation failed")
                pause = backoff.next_seconds()
            if pause is not None:
                await self._sleep(pause)

    async def _work_once(self) -> float | None:
        """Grade one conversation; return how long to wait where there is none.

        Raises:
            ConversationGenomeError: If it failed; what becomes of its lease is seen to.
        """
        bundle = await self._lease()
        if bundle is None:
            return jittered(self._poll_seconds)
        try:
            await self._grade(bundle)
        except Exception as exc:  # one that is cancelled stays held: `run` gives it back
            await self._part_with(bundle.lease_id, exc)
            self._let_go(bundle.lease_id)
            raise
        self._let_go(bundle.lease_id)
        self._blamed_in_a_row = 0
        return None

    async def _lease(self) -> Bundle | None:
        """Return the next bundle, held from now on; None where there is none.

        Only one of the workers asks at a time, however many have nothing to do.
        """
        async with self._leasing:
            if self._stop.is_set():
                return None
            async with self._watchdog.step("lease"):
                bundle = await self._server.lease(holding=[*self._holding, *self._given_up])
                await self._forget_lost_leases(bundle)
            if bundle is not None:
                self._holding.add(bundle.lease_id)
                self._metrics.leases.set(len(self._holding))
        if bundle is not None and self._stop.is_set():
            await self._release(bundle.lease_id)
            self._let_go(bundle.lease_id)
            return None
        return bundle

    async def _forget_lost_leases(self, bundle: Bundle | None) -> None:
        """Forget leases of before a restart that ran out meanwhile: the server gives out those first that did not."""
        known = self._weights.state.leases.keys()
        if bundle is not None and bundle.lease_id in known:
            return
        for lease_id in known - self._holding:
            log.info("lease lost", lease=lease_id)
            await in_thread(self._weights.memory.closed, lease_id)

    async def _grade(self, bundle: Bundle) -> None:
        """Grade a conversation; every line of the log that comes of it names the lease."""
        named = structlog.contextvars.bound_contextvars(request_id=bundle.lease_id)
        with named, span("grade conversation", cgp__request_id=bundle.lease_id):
            log.info(
                "leased", conversation=bundle.conversation["id"], windows=len(bundle.windows), attempt=bundle.attempt
            )
            try:
                async with self._watchdog.step("conversation"), asyncio.TaskGroup() as group:
                    keeper = group.create_task(self._keep_lease(bundle))
                    await self._grader.grade(bundle)
                    keeper.cancel()
            except ExceptionGroup as failures:
                raise _first_failure(failures) from failures
            log.info("completed")

    async def _part_with(self, lease_id: str, failure: Exception) -> None:
        """Do with a lease what its failure asks for."""
        fate = after_failure(failure)
        log.warning("conversation given up", reason=str(failure), code=getattr(failure, "code", ""), lease=fate.value)
        if fate is LeaseFate.BLAME:
            self._given_up.append(lease_id)
            self._blamed_in_a_row += 1
            is_ours = self._blamed_in_a_row > _BLAMED_IN_A_ROW
            await self._release(lease_id, reason="" if is_ours else f"{type(failure).__name__}: {failure}")
        elif fate is LeaseFate.RELEASE:
            await self._release(lease_id)
        elif fate is LeaseFate.LOST:
            await self._close(lease_id)

    async def _release(self, lease_id: str, *, reason: str = "") -> None:
        """Give a lease back; one that the server cannot take back now runs out by itself."""
        with suppress(ConversationGenomeError, TimeoutError):
            async with asyncio.timeout(_RELEASE_SECONDS):
                await self._server.release(lease_id, reason=reason)
            self._metrics.releases.inc()
            log.info("given back", lease=lease_id, why=reason or "nothing is wrong with it")
        await self._close(lease_id)

    async def _close(self, lease_id: str) -> None:
        with suppress(StateUnwritableError):  # it is forgotten when the next one is leased
            await asyncio.to_thread(self._weights.memory.closed, lease_id)

    async def _release_all(self) -> None:
        await asyncio.gather(*(self._release(lease_id) for lease_id in tuple(self._holding)))

    def _let_go(self, lease_id: str) -> None:
        self._holding.discard(lease_id)
        self._metrics.leases.set(len(self._holding))

    async def _keep_lease(self, bundle: Bundle) -> None:
        """Renew the lease well before it runs out, for as long as this runs."""
        expires_at = bundle.expires_at
        while True:
            left = (expires_at - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(_SHORTEST_RENEWAL_SECONDS, jittered(left / _RENEWALS_PER_LEASE)))
            with suppress(UnavailableError):  # tried again soon; a lease that is lost says so itself
                status = await self._server.renew(bundle.lease_id)
                expires_at = status.expires_at or expires_at

    async def _keep_weights(self) -> None:
        """Set weights whenever they are due; a chain that is away is asked again."""
        while True:
            try:
                async with self._watchdog.step("weights"):
                    await in_thread(self._weights.set_when_due)
            except ConversationGenomeError as exc:
                self._metrics.waits.labels(exc.code).inc()
                log.warning("weights are put off", reason=str(exc), code=exc.code)
            except Exception:
                self._metrics.failures.inc()
                log.exception("weights failed")
            await asyncio.sleep(jittered(self._weights.pause_seconds(self._poll_seconds)))

    async def _sleep(self, seconds: float) -> None:
        """Wait, but not when it is time to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stop.wait()


async def _cancelled(jobs: Sequence["asyncio.Task[None]"]) -> None:
    for job in jobs:
        job.cancel()
    await asyncio.gather(*jobs, return_exceptions=True)


def _first_failure(group: ExceptionGroup) -> Exception:
    """Return the failure that the others followed from."""
    first = group.exceptions[0]
    return _first_failure(first) if isinstance(first, ExceptionGroup) else first

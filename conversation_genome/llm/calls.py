"""Calls: the one policy around every request to a provider: a slot, a reservation, a time limit, another attempt.

What is tried again: 429, 5xx, time-outs and lost connections, after what the server asks to wait or a random time
that doubles ("full jitter": Brooker, Exponential Backoff And Jitter, AWS Architecture Blog, 2015).
"""

import queue
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final, TypeVar, cast

import structlog
from tenacity import RetryCallState, Retrying, retry_if_exception_type, stop_after_attempt
from tenacity.stop import stop_before_delay

from conversation_genome.errors import LlmError, LlmTimeoutError, LlmTransientError
from conversation_genome.llm.base import Usage
from conversation_genome.llm.budget import Budget

LONGEST_WAIT_SECONDS: Final = 30.0
_logger = structlog.get_logger(__name__)

Result = TypeVar("Result")
Attempt = Callable[[float], tuple[Result, Usage | None]]
"""Takes the seconds it has; returns a result and the tokens that are charged for, None where nobody knows."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a call is tried."""

    attempts: int = 4
    attempt_seconds: float = 60.0
    call_seconds: float = 120.0
    first_wait_seconds: float = 1.0
    """At most before the second attempt, twice as much before each further one; half of it is added at random to
    what a server asks to wait, lest everybody comes back at the same moment."""

    def wait_seconds(self, state: RetryCallState) -> float:
        """Return how long to wait before the next attempt."""
        failure = state.outcome.exception() if state.outcome else None
        asked = failure.retry_after_seconds if isinstance(failure, LlmTransientError) else None
        if asked is not None:
            return asked + random.uniform(0, self.first_wait_seconds / 2)  # noqa: S311 -- jitter is no secret
        ceiling = min(LONGEST_WAIT_SECONDS, self.first_wait_seconds * 2 ** (state.attempt_number - 1))
        return random.uniform(0, ceiling)  # noqa: S311


@dataclass(frozen=True, slots=True)
class CallCounters:
    """What was done so far."""

    requests: int = 0
    """Attempts that were sent."""
    failed: int = 0
    """Attempts among them that returned nothing."""
    usage: Usage = field(default_factory=Usage)
    """Tokens that providers counted."""


class Calls:
    """Makes calls for one process, at most so many at once; safe across threads."""

    def __init__(self, patience: Patience, budget: Budget, *, at_once: int) -> None:
        """Take how long to try, what it may cost, and how many calls run at once."""
        self._patience = patience
        self._budget = budget
        self._slots = threading.BoundedSemaphore(at_once)
        self.at_once: Final = at_once
        self._counters = CallCounters()
        self._lock = threading.Lock()

    @property
    def counters(self) -> CallCounters:
        """What was done so far; a snapshot."""
        with self._lock:
            return self._counters

    @property
    def budget(self) -> Budget:
        """What calls may cost."""
        return self._budget

    def call(self, model: str, worst: Usage, attempt: Attempt[Result]) -> Result:
        """Return what the first attempt that succeeds returns.

        Args:
            model: The name under which the budget finds the price.
            worst: What an attempt costs at most.
            attempt: One request.

        Raises:
            LlmBudgetError: If an attempt could exceed the budget; it is not made.
            LlmError: The last attempt's.
        """
        until = time.monotonic() + self._patience.call_seconds
        retrying = Retrying(
            retry=retry_if_exception_type(LlmTransientError),
            stop=stop_after_attempt(self._patience.attempts) | stop_before_delay(self._patience.call_seconds),
            wait=self._patience.wait_seconds,
            before_sleep=_log_failure,
            reraise=True,
        )
        return cast("Result", retrying(self._attempt, model, worst, attempt, until))

    def _attempt(self, model: str, worst: Usage, attempt: Attempt[Result], until: float) -> Result:
        if not self._slots.acquire(timeout=max(0.0, until - time.monotonic())):
            raise LlmTimeoutError(f"all {self.at_once} calls at once were busy; raise CGP_LLM_CONCURRENCY")
        try:
            return self._reserved(model, worst, attempt, until)
        finally:
            self._slots.release()

    def _reserved(self, model: str, worst: Usage, attempt: Attempt[Result], until: float) -> Result:
        seconds = max(0.01, min(self._patience.attempt_seconds, until - time.monotonic()))
        reservation = self._budget.reserve(model, worst)
        try:
            result, usage = within(seconds, model, lambda: attempt(seconds))
        except LlmError as exc:
            is_free = not (isinstance(exc, LlmTransientError) and exc.may_be_billed)
            self._budget.settle(reservation, Usage() if is_free else None)
            self._count(failed=1)
            raise
        self._budget.settle(reservation, usage)
        self._count(usage=usage or Usage())
        return result

    def _count(self, *, failed: int = 0, usage: Usage | None = None) -> None:
        with self._lock:
            known = self._counters
            self._counters = replace(
                known,
                requests=known.requests + 1,
                failed=known.failed + failed,
                usage=known.usage + (usage or Usage()),
            )


def within(seconds: float, what: str, function: Callable[[], Result]) -> Result:
    """Return what the function returns, or raise what it raises, within that time.

    An SDK's time-out counts from the last byte, and some servers send blanks while a model works; so the function
    runs in a thread of its own that is left behind when time is up.

    Raises:
        LlmTimeoutError: If it takes longer.
    """
    results: queue.SimpleQueue[tuple[bool, Result | BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            results.put((True, function()))
        except BaseException as exc:  # noqa: BLE001 -- handed to the caller's thread, which raises it
            results.put((False, exc))

    threading.Thread(target=run, name="llm-call", daemon=True).start()
    try:
        is_result, value = results.get(timeout=seconds + 0.25)
    except queue.Empty:
        raise LlmTimeoutError(
            f"{what!r} did not answer within {seconds:.3g} s; raise CGP_LLM_ATTEMPT_SECONDS and CGP_LLM_CALL_SECONDS, or ask a faster model",
            may_be_billed=True,
        ) from None
    if is_result:
        return value  # type: ignore[return-value]
    raise value  # type: ignore[misc]


def _log_failure(state: RetryCallState) -> None:
    failure = state.outcome.exception() if state.outcome else None
    _logger.warning(
        "a call to a language model is tried again",
        attempt=state.attempt_number,
        wait_seconds=round(state.upcoming_sleep, 2),
        cause=str(failure),
    )

"""Sees that the validator gets on: a step that makes no progress is broken off, a process that hangs is ended.

Three things can hang. A step that awaits what never comes is cancelled in its event loop, its stack logged, and begun
anew. A thread cannot be cancelled, and an event loop that is blocked cannot cancel anything: those a thread beside them
notices, which writes down where every thread stands and ends the process with an exit code of its own, so that
systemd, pm2 or Docker starts it again. Nothing is lost by that: what counts is on the disk.

Time is counted in the watching thread's own beats, so that a machine that slept is not taken for one that hangs.
"""

import asyncio
import faulthandler
import itertools
import os
import sys
import threading
import traceback
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from contextvars import ContextVar
from typing import Final, ParamSpec, TypeVar

import structlog

from conversation_genome.errors import StepOverdueError
from validators.metrics import ValidatorMetrics

EXIT_STUCK: Final = 75
"""A part that cannot be cancelled hangs: start the process again (EX_TEMPFAIL of sysexits.h)."""
BEAT_SECONDS: Final = 1.0
LOOP_BEATS: Final = 60
"""Beats without a turn of the event loop after which the process is ended."""
_STACK_CHARACTERS: Final = 20_000
_LAST_WORDS_SECONDS: Final = 5.0
_P = ParamSpec("_P")
_R = TypeVar("_R")
_current: ContextVar["Step | None"] = ContextVar("step", default=None)
log = structlog.get_logger(__name__)


class Step:
    """Something that must get on; it may take as long as it likes while it says so."""

    def __init__(self, watchdog: "Watchdog", name: str, seconds: float, limit: asyncio.Timeout) -> None:
        self.watchdog = watchdog
        self.name = name
        self._seconds = seconds
        self._limit = limit
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.current_task()
        self._deadline = self._loop.time() + seconds
        self._timer = self._loop.call_at(self._deadline, self._look)

    def advance(self) -> None:
        """Say that there is progress."""
        self._deadline = self._loop.time() + self._seconds

    def end(self) -> None:
        """Stop watching."""
        self._timer.cancel()

    def _look(self) -> None:
        if self._loop.time() < self._deadline:
            self._timer = self._loop.call_at(self._deadline, self._look)
            return
        stack = "\n".join(_stacks(self._task))[:_STACK_CHARACTERS]
        log.error("step overdue; it is broken off", step=self.name, seconds=self._seconds, stack=stack)
        self._limit.reschedule(self._loop.time())


class Watchdog:
    """Watches steps, threads and the event loop of one validator."""

    def __init__(
        self,
        *,
        step_seconds: float,
        metrics: ValidatorMetrics | None = None,
        beat_seconds: float = BEAT_SECONDS,
        notify: Callable[[str], None] = lambda _: None,
        end: Callable[[int], None] = os._exit,
    ) -> None:
        """Prepare; `watching` begins.

        Args:
            step_seconds: What a step may take without progress; a thread gets twice that before the process ends.
            metrics: What counts the steps that were broken off.
            beat_seconds: How often is looked.
            notify: Tells the service manager a line such as `WATCHDOG=1`.
            end: Ends the process with an exit code.
        """
        self._step_seconds = step_seconds
        self._metrics = metrics or ValidatorMetrics()
        self._beat_seconds = beat_seconds
        self._notify = notify
        self._end = end
        self._beats = itertools.count()
        self._last_beat = 0
        self._since_loop = 0
        self._jobs: dict[int, tuple[str, int]] = {}
        self._numbers = itertools.count()
        self._lock = threading.Lock()

    @asynccontextmanager
    async def step(self, name: str) -> AsyncIterator[Step]:
        """Break the block off if `advance` is not called for too long.

        Raises:
            StepOverdueError: If it was broken off.
        """
        limit = asyncio.timeout(None)
        try:
            async with limit:
                step = Step(self, name, self._step_seconds, limit)
                token = _current.set(step)
                try:
                    yield step
                finally:
                    _current.reset(token)
                    step.end()
        except TimeoutError:
            if not limit.expired():
                raise
            self._metrics.overdue.labels(name).inc()
            raise StepOverdueError(
                f"the step {name!r} made no progress for {self._step_seconds:g} s: broken off and begun anew"
            ) from None

    @asynccontextmanager
    async def watching(self) -> AsyncIterator[None]:
        """Watch the event loop and the threads while the block runs."""
        over = threading.Event()
        beside = threading.Thread(target=self._watch, args=(over,), name="watchdog", daemon=True)
        turning = asyncio.create_task(self._turn())
        beside.start()
        self._notify("READY=1")
        try:
            yield
        finally:
            self._notify("STOPPING=1")
            over.set()
            turning.cancel()
            with suppress(asyncio.CancelledError):
                await turning

    @contextmanager
    def thread_job(self, name: str) -> Iterator[None]:
        """Watch what the calling thread does in the block."""
        with self._lock:
            number = next(self._numbers)
            self._jobs[number] = (name, self._last_beat)
        try:
            yield
        finally:
            with self._lock:
                del self._jobs[number]

    async def _turn(self) -> None:
        while True:
            self._since_loop = 0
            self._notify("WATCHDOG=1")
            await asyncio.sleep(self._beat_seconds)

    def _watch(self, over: threading.Event) -> None:
        while not over.wait(self._beat_seconds):
            self._last_beat = next(self._beats)
            self._since_loop += 1
            if self._since_loop > LOOP_BEATS:
                self._give_up(f"the event loop has not turned for {LOOP_BEATS * self._beat_seconds:g} s")
                return
            stuck = self._stuck_job()
            if stuck is not None:
                self._give_up(f"{stuck} has kept a thread for more than {2 * self._step_seconds:g} s")
                return

    def _stuck_job(self) -> str | None:
        patience = 2 * self._step_seconds / self._beat_seconds
        with self._lock:
            late = [name for name, since in self._jobs.values() if self._last_beat - since > patience]
        return late[0] if late else None

    def _give_up(self, why: str) -> None:
        """Write where every thread stands and end the process, by no means that a thread that hangs may hold."""
        last = threading.Timer(_LAST_WORDS_SECONDS, self._end, (EXIT_STUCK,))
        last.daemon = True
        last.start()  # should nobody read standard error any more
        with suppress(OSError, ValueError, RuntimeError):  # standard error may be no file
            os.write(2, f"the validator hangs: {why}; exit code {EXIT_STUCK}, to be started again\n".encode())
            faulthandler.dump_traceback(all_threads=True)
        last.cancel()
        self._end(EXIT_STUCK)


def advance() -> None:
    """Say that the step at hand gets on; nothing where there is none."""
    step = _current.get()
    if step is not None:
        step.advance()


async def in_thread(function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Return what a blocking function returns, called in a thread that the step's watchdog sees."""
    step = _current.get()
    if step is None:
        return await asyncio.to_thread(function, *args, **kwargs)
    watchdog, name = step.watchdog, f"{step.name}: {getattr(function, '__qualname__', function)}"

    def watched() -> _R:
        with watchdog.thread_job(name):
            return function(*args, **kwargs)

    result = await asyncio.to_thread(watched)
    step.advance()
    return result


def _stacks(task: "asyncio.Task[object] | None") -> Iterator[str]:
    """Yield where a task and every thread stand."""
    for one in (task, *(asyncio.all_tasks() - {task})) if task else ():
        frames = one.get_stack()
        places = [f"{frame.f_code.co_qualname}:{frame.f_lineno}" for frame in frames]
        yield f"task {one.get_name()}: {' > '.join(places) or 'done'} {_awaited(one)}"
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    for ident, frame in sys._current_frames().items():  # noqa: SLF001 - the documented way to see other threads
        if ident != threading.get_ident():
            yield f"thread {names.get(ident, ident)}:\n{''.join(traceback.format_stack(frame)[-8:])}"


def _awaited(task: "asyncio.Task[object]") -> str:
    """Return the chain of coroutines that a task is in, outermost first."""
    names: list[str] = []
    awaited: object = task.get_coro()
    while awaited is not None and len(names) < 50:
        frame = (
            getattr(awaited, "cr_frame", None)
            or getattr(awaited, "ag_frame", None)
            or getattr(awaited, "gi_frame", None)
        )
        if frame is not None:
            names.append(f"{frame.f_code.co_qualname}:{frame.f_lineno}")
        awaited = (
            getattr(awaited, "cr_await", None)
            or getattr(awaited, "ag_await", None)
            or getattr(awaited, "gi_yieldfrom", None)
        )
    return " > ".join(names)

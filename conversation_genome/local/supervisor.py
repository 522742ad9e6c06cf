"""Starts processes, notices when one dies, and leaves none behind.

Each process is in a session of its own, so that Ctrl-C reaches this process alone, and holds the reading end
of a pipe whose writing end is here: should this process be killed, the others see the end of the pipe and stop.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from conversation_genome.errors import UnavailableError
from conversation_genome.process import STOP_WITH_STDIN
from conversation_genome.settings import PREFIX, PROJECT_ROOT

STOP_SECONDS: Final = 15.0
_LOG_TAIL_LINES: Final = 12


class Supervisor:
    """The processes of one run; leaving the `with` block stops them all."""

    def __init__(self, folder: Path) -> None:
        """Processes run in `folder`, where no `.env` of somebody else can reach them."""
        self._folder = folder
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._logs: dict[str, Path] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, module: str, settings: Mapping[str, object], log: Path) -> None:
        """Start `python -m module` with these settings and nothing of the caller's own."""
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._processes[name] = subprocess.Popen(  # noqa: S603 - our own interpreter, our own modules
                [sys.executable, "-m", module],
                cwd=self._folder,
                env=_environment(settings),
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._logs[name] = log

    def check(self) -> None:
        """Do nothing while every process lives.

        Raises:
            UnavailableError: If one has ended; the message holds the end of its log.
        """
        for name, process in self._processes.items():
            if process.poll() is not None:
                raise UnavailableError(
                    f"{name} ended with exit code {process.returncode}; the end of {self._logs[name]}:\n"
                    + tail(self._logs[name])
                )

    def stop(self) -> None:
        """Ask every process to stop, wait, and end those that do not."""
        for process in self._processes.values():
            process.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._processes.values():
            try:
                process.wait(timeout=max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()
        self._processes.clear()

    @property
    def names(self) -> Sequence[str]:
        """The processes that were started."""
        return tuple(self._processes)


def tail(log: Path) -> str:
    """Return the last lines of a log."""
    lines = log.read_text("utf-8", errors="replace").splitlines()
    return "\n".join(lines[-_LOG_TAIL_LINES:])


def _environment(settings: Mapping[str, object]) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    ours = {f"{PREFIX}{name.upper()}": str(value) for name, value in settings.items()}
    return (
        inherited
        | ours
        | {
            STOP_WITH_STDIN: "1",
            "PYTHONPATH": str(PROJECT_ROOT),
            "PYTHONUNBUFFERED": "1",
            "OMP_NUM_THREADS": "1",
            "TOKENIZERS_PARALLELISM": "false",
        }
    )

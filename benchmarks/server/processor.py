"""What processes have had of the processor: waiting, and what others do on the machine, hardly count there."""

import contextlib
import time
from collections.abc import Iterable
from pathlib import Path

from tests_ap import postgres


def seconds_of(processes: Iterable[int]) -> float:
    """Return what some processes have had of the processor until now, threads that are gone counted in."""
    spent = 0.0
    for process in processes:
        with contextlib.suppress(OSError):  # it ended just now
            spent += time.clock_gettime(_clock_of(process))
    return spent


def _clock_of(process: int) -> int:
    """Return the id of a process's own clock on Linux, as clock_getcpuclockid(3) makes it."""
    return ~process << 3 | 2


def postgres_processes() -> list[int]:
    """Return the processes of the private PostgreSQL: what they do is part of the price.

    Those that clean up after the filling (autovacuum) are left out: they come and go.
    """
    main = postgres._server().get_postmaster_info().pid  # noqa: SLF001 - the tests' own server
    children = map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())
    return [main, *(child for child in children if b"autovacuum worker" not in _command(child))]


def _command(process: int) -> bytes:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes()
    return b""

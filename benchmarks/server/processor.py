"""What processes have had of the processor: waiting, and what others do on the machine, hardly count there."""

import contextlib
from collections.abc import Iterable
from pathlib import Path

from tests_ap import postgres


def seconds_of(processes: Iterable[int]) -> float:
    """Return what the threads of some processes have had of the processor until now, to the nanosecond."""
    spent = 0
    for process in processes:
        for thread in Path(f"/proc/{process}/task").glob("*/schedstat"):
            with contextlib.suppress(OSError):
                spent += int(thread.read_text().split()[0])
    return spent / 1e9


def postgres_processes() -> list[int]:
    """Return the processes of the private PostgreSQL: what they do is part of the price."""
    main = postgres._server().get_postmaster_info().pid  # noqa: SLF001 - the tests' own server
    return [main, *map(int, Path(f"/proc/{main}/task/{main}/children").read_text().split())]

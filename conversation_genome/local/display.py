"""How a run speaks while it goes on: bars on a terminal, plain lines elsewhere, always to standard error."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Protocol

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

PLAIN_LINE_SECONDS: Final = 5.0


class Display(Protocol):
    """What a run tells while it goes on."""

    def step(self, text: str) -> None:
        """Tell that something was done or begins."""

    def progress(self, done: int, total: int, text: str) -> None:
        """Tell how far the windows are."""

    def finish(self) -> None:
        """Leave the screen to the result."""


class PlainDisplay:
    """A line a step; progress at most every five seconds."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._next_line = 0.0
        self._last_done = -1

    def step(self, text: str) -> None:
        """Print the step."""
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def progress(self, done: int, total: int, text: str) -> None:
        """Print a line if the last one is old enough or the end is reached."""
        now = time.monotonic()
        if done == self._last_done or (now < self._next_line and done < total):
            return
        self._last_done, self._next_line = done, now + PLAIN_LINE_SECONDS
        self._console.print(f"windows {done}/{total}; {text}", markup=False, highlight=False, soft_wrap=True)

    def finish(self) -> None:
        """Lines that were printed stay."""


class BarDisplay:
    """A bar that moves; steps are printed above it."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._task: TaskID | None = None

    def step(self, text: str) -> None:
        """Print the step above the bar."""
        self._progress.console.print(f"[green]✓[/green] {escape(text)}", highlight=False)

    def progress(self, done: int, total: int, text: str) -> None:
        """Move the bar."""
        if self._task is None:
            self._task = self._progress.add_task("windows", total=total, note="")
        self._progress.update(self._task, completed=done, total=total, note=text)

    def finish(self) -> None:
        """Take the bar away."""
        self._progress.stop()


@contextmanager
def open_display(*, quiet: bool = False) -> Iterator[Display]:
    """Yield the display that fits standard error."""
    console = Console(stderr=True, quiet=quiet)
    if not console.is_terminal:
        yield PlainDisplay(console)
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        yield BarDisplay(progress)

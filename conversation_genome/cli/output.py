"""How every verb speaks: progress to standard error, results to a file or standard output."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import orjson
import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from conversation_genome.atomic_file import atomic_writer

Item = TypeVar("Item")


def progress() -> Progress:
    """Return a progress bar on standard error; silent where standard error is no terminal."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


def reading_progress() -> Progress:
    """Return a progress bar for a file that is read, in bytes; its tasks have a field `conversations`."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[conversations]:,} conversations"),
        console=Console(stderr=True),
        disable=not sys.stderr.isatty(),
        transient=True,
    )


def tracked(items: Iterable[Item], description: str, total: int | None = None) -> Iterator[Item]:
    """Yield the items with a progress bar."""
    with progress() as bar:
        yield from bar.track(items, description=description, total=total)


def json_line(value: Any) -> str:
    """Return one compact JSON line without its newline."""
    return orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY).decode()


def write_jsonl(path: Path, rows: Iterable[Any]) -> int:
    """Write one JSON object a line, whole or not at all; `-` is standard output. Returns the rows."""
    count = 0
    if str(path) == "-":
        for row in rows:
            typer.echo(json_line(row))
            count += 1
        return count
    with atomic_writer(path) as file:
        for row in rows:
            file.write(json_line(row) + "\n")
            count += 1
    return count


def say(message: str) -> None:
    """Print a line for people, to standard error."""
    typer.echo(message, err=True)

"""`cgp bulk`: folders of conversations to a dataset and a search store, in one process or over many machines."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from conversation_genome.cli.output import json_line, progress, say
from conversation_genome.errors import InputError

if TYPE_CHECKING:
    from rich.progress import Progress

    from conversation_genome.bulk.run import Runner
    from conversation_genome.bulk.summary import Summary

TOLD: Final = 20
MEGABYTE: Final = 1_000_000


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("bulk")(bulk)


def bulk(
    source: Annotated[
        str,
        typer.Argument(metavar="IN", help="A folder, or a file, of JSONL or Parquet: a path or s3://BUCKET/FOLDER."),
    ],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="Folder of the dataset, the search store and the shards.")],
    *,
    address: Annotated[
        str | None,
        typer.Option(metavar="RAY", help="Work on the Ray cluster at this address (HOST:PORT, or `auto`)."),
    ] = None,
    workers: Annotated[
        int | None,
        typer.Option(min=1, help="Processes that read, by Ray; without it and --address all is done in this one."),
    ] = None,
    engine: Annotated[str, typer.Option(help="What reads: extractive, extractive-light or agreement.")] = "extractive",
    shards: Annotated[
        str | None,
        typer.Option(
            metavar="URI", help="Where the shards go, if not into OUT: a folder that every machine can write."
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            metavar="PLACE", help="The search store, if not in OUT: s3://BUCKET/PATH, or a PostgreSQL database's URL."
        ),
    ] = None,
    shard_mb: Annotated[
        float, typer.Option("--shard-mb", min=0.001, max=4_000, help="Megabytes of input behind one shard.")
    ] = 4.0,
    as_of: Annotated[
        str | None,
        typer.Option("--as-of", metavar="ISO", help="The moment that records give as when they were made; else now."),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Do not fail for faults; they are named all the same.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON on standard output.")] = False,
) -> None:
    """Read, cut, tag, judge, embed and publish folders of conversations, however large.

    OUT gets `dataset` (the tables that `cgp publish` writes, made by one reader without miners), `store` (what
    `cgp search --store OUT/store` asks) and `left-out.txt` (what could not be read, by file and line). A run that was
    stopped goes on by the same command: a shard that is finished is not made again. Equal files give equal
    bytes, however many workers made them.

    cgp bulk exports/ out

    cgp bulk s3://bucket/exports out --address 10.0.0.5:6379 --shards s3://bucket/shards
    """
    from conversation_genome.bulk.run import Bulk

    run = Bulk(
        source,
        out,
        _runner(address, workers),
        engine=engine,
        piece_bytes=int(shard_mb * MEGABYTE),
        moment=_moment(as_of),
        shards=shards,
        store=store,
    )
    with ExitStack() as stack:
        done = run.run(_Bars(stack.enter_context(progress())).begin)
    if is_json:
        typer.echo(json_line(done.model_dump(mode="json")))
    _show(done)
    if done.faults and not skip_bad:
        raise InputError(
            f"{done.faults:,} record{'' if done.faults == 1 else 's'} could not be read and stand in "
            f"{done.out / 'left-out.txt'}; all others went in: correct them and run again, or pass --skip-bad"
        )


class _Bars:
    """One bar a stage."""

    def __init__(self, bars: "Progress") -> None:
        self._bars = bars

    def begin(self, what: str, total: int) -> Callable[[int], None]:
        task = self._bars.add_task(what, total=total)
        return lambda steps: self._bars.advance(task, steps)


def _runner(address: str | None, workers: int | None) -> "Runner":
    from conversation_genome.bulk.run import InProcess

    if address is None and workers is None:
        return InProcess()
    from conversation_genome.bulk.over_ray import OverRay

    return OverRay(address, workers)


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as exc:
        raise InputError(f"--as-of {text!r} is no moment; write it as 2026-01-31T12:00:00Z") from exc
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _show(done: "Summary") -> None:
    _tell_left_out(done.out / "left-out.txt")
    for name in done.passed_over:
        say(f"passed over, for it is neither JSONL nor Parquet: {name}")
    for one in done.publication.left_out:
        say(f"not published: {one.conversations:,} of {one.source!r}, for its licence is {one.statement!r}")
    counts: dict[str, Any] = {
        "duplicates": done.duplicates,
        "refused": done.refused,
        "faults": done.faults,
    }
    aside = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    say(
        f"{done.conversations:,} conversations with {done.lines:,} lines in {done.shards:,} shards "
        f"({done.shards_kept:,} were there){f'; {aside}' if aside else ''}"
    )
    say(
        f"{done.out}: {done.publication.conversations:,} published ({done.publication.size_bytes / MEGABYTE:,.1f} MB, "
        f"revision {done.publication.revision[:12]}), {done.records_searched:,} records in the store, "
        f"{done.seconds:,.1f} s by {done.runner}"
    )


def _tell_left_out(path: Path) -> None:
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            if number == TOLD:
                say(f"cgp: more of them stand in {path}")
                return
            say(f"cgp: {line.rstrip()}")

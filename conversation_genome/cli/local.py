"""`cgp local up`: a whole subnet on this machine."""

import asyncio
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from conversation_genome.local.roster import Roster
    from conversation_genome.local.run import RunOptions
    from conversation_genome.local.summary import RunSummary


def register(app: typer.Typer) -> None:
    """Add the verb."""
    local = typer.Typer(help="A whole subnet on this machine.", no_args_is_help=True)
    local.command("up")(up)
    app.add_typer(local, name="local")


def up(
    more: Annotated[list[Path] | None, typer.Argument(hidden=True, metavar="")] = None,
    inputs: Annotated[
        list[Path] | None,
        typer.Option(
            "--input",
            metavar="FILE...",
            help="Conversations to work on: files of any format that `cgp import` knows. Default: the samples that ship.",
        ),
    ] = None,
    out: Annotated[Path, typer.Option(metavar="DIR", help="Folder of everything that the run leaves.")] = Path(
        "local-subnet"
    ),
    miners: Annotated[
        int, typer.Option(min=1, max=128, help="How many miners; the first seven are of seven kinds.")
    ] = 7,
    validators: Annotated[int, typer.Option(min=1, max=16, help="How many validators.")] = 2,
    gradings: Annotated[
        int,
        typer.Option(
            min=1, max=16, help="How many validators grade each conversation; two or more show how they agree."
        ),
    ] = 1,
    license_: Annotated[
        str | None,
        typer.Option(
            "--license",
            help="Licence of inputs that state none. A conversation without one is searched, but left out of the dataset.",
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the servers up until Ctrl-C.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print summary.json to standard output.")] = False,
) -> None:
    """Run server, chain, validators and miners on loopback until every conversation is graded and published.

    No key, no wallet, no internet. An interrupted run is taken up again by the same command.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are started deaf to it
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    from conversation_genome.local.run import RunOptions

    if more and not inputs:
        raise typer.BadParameter(f"{more[0]} is not expected here; give files by --input {more[0]}")
    options = RunOptions(
        inputs=(*(inputs or []), *(more or [])),
        out=out,
        miners=miners,
        validators=validators,
        gradings=gradings,
        keep=keep,
        license=license_,
    )
    try:
        _run(options, as_json=as_json)
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo("\nthe same command takes the run up again", err=True)
        raise typer.Abort from None


def _run(options: "RunOptions", *, as_json: bool) -> None:
    from conversation_genome.local.display import open_display
    from conversation_genome.local.run import run_local

    def show(summary: "RunSummary", roster: "Roster") -> None:
        _show(summary, roster, as_json=as_json, keeps=options.keep)

    with open_display() as display:
        asyncio.run(run_local(options, display, show))


def _show(summary: "RunSummary", roster: "Roster", *, as_json: bool, keeps: bool) -> None:
    from conversation_genome.cli.output import json_line
    from conversation_genome.local.printing import print_addresses, print_summary
    from conversation_genome.local.summary import summary_json

    if as_json:
        typer.echo(json_line(summary_json(summary)))
    else:
        print_summary(summary)
    if keeps:
        print_addresses(roster)

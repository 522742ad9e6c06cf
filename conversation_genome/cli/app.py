"""The list of verbs. A verb's module has `register(app)`, and imports what it needs when it runs."""

from typing import Annotated

import typer

from conversation_genome import __version__
from conversation_genome.cli import (
    bulk,
    config,
    db,
    ground_truth,
    import_,
    keys,
    local,
    preflight,
    publish,
    quality,
    score,
    search,
    setup,
    tag,
    windows,
)

app = typer.Typer(
    name="cgp",
    help="Conversation Genome: from raw conversations to an indexed, searchable, published data set.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and leave.")] = False,
) -> None:
    if version:
        typer.echo(__version__)
        raise typer.Exit


for _verb in (
    bulk,
    config,
    db,
    ground_truth,
    import_,
    keys,
    local,
    preflight,
    publish,
    quality,
    score,
    search,
    setup,
    tag,
    windows,
):
    _verb.register(app)

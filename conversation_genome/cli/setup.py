"""`cgp setup`: everything that is prepared once on a machine."""

from pathlib import Path
from typing import Annotated

import typer

from conversation_genome.cli.output import json_line, say


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(setup)


def setup(
    models: Annotated[
        Path | None, typer.Option(help="Folder of the model; default: the setting CGP_MODELS_PATH.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
) -> None:
    """Prepare the embedding model on this machine; once is enough, and nothing is downloaded."""
    from conversation_genome.embedding.files import MODEL_NAME
    from conversation_genome.settings import RoleSettings, load_settings

    folder = models or load_settings(RoleSettings).models_path
    is_new = _prepare(folder)
    state = "prepared" if _prepare_topics(folder) or is_new else "already there"
    if as_json:
        typer.echo(json_line({"model": MODEL_NAME, "path": str(folder), "state": state}))
    else:
        say(f"embedding model {MODEL_NAME}: {state} ({folder})")


def _prepare(folder: Path) -> bool:
    """Export the model unless it is there; torch is imported only if there is work to do."""
    from conversation_genome.embedding.files import MODEL_NAME, is_exported

    if is_exported(folder):
        return False
    say(f"embedding model {MODEL_NAME}: exporting, this takes some ten seconds ...")
    from conversation_genome.embedding.export import export_model

    return export_model(folder)


def _prepare_topics(folder: Path) -> bool:
    """Embed the open vocabulary of the tags by the model that reads English, unless that was done; returns whether it was now."""
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.engines.extractive.topics import TopicTables

    embedder, tables = load_embedder(folder), TopicTables(folder)
    if tables.is_kept(embedder.model):
        return False
    say(f"topics of tags: embedding them by {embedder.model.name}, this takes some ten seconds ...")
    tables.of(embedder)
    return True

"""`cgp quality`: the Boring Index of every conversation of a file."""

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the verb to the command."""
    app.command("quality")(quality)


def quality(
    file: Annotated[Path, typer.Argument(help="JSONL file of uniform conversation records.", metavar="FILE")],
    out: Annotated[
        Path, typer.Option("--out", help="JSONL file to write, one conversation a line; `-` is standard output.")
    ] = Path("-"),
    as_json: Annotated[
        bool, typer.Option("--json", help="Print what was done as one JSON object (with --out FILE).")
    ] = False,
) -> None:
    """Say how good each conversation is to read: relevance, engagement, novelty, coherence, fluency.

    Each is in [0, 1] and higher is better; `boring_index` joins them, and 1 is boring. `lines` has one
    number a line: its quality given the lines before it.
    """
    from collections.abc import Iterator
    from typing import Any

    from conversation_genome.cli import output
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.quality import assess
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.sources.jsonl import read_conversations

    settings = load_settings(RoleSettings)
    embedder = load_embedder(
        settings.models_path, threads=settings.embedding_threads, cache_entries=settings.embedding_cache_entries
    )

    def rows() -> Iterator[dict[str, Any]]:
        for conversation in output.tracked(read_conversations(file), "judging"):
            yield {"id": conversation.id} | assess(conversation, embedder).model_dump()

    count = output.write_jsonl(out, rows())
    if as_json and str(out) != "-":
        typer.echo(output.json_line({"conversations": count, "out": str(out)}))
    else:
        output.say(f"{count} conversations judged")

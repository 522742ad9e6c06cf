"""`cgp quality`: the Boring Index of every conversation of a file."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conversation_genome.cli.output import json_line, say, tracked, write_jsonl

if TYPE_CHECKING:
    from conversation_genome.conversation import Conversation
    from conversation_genome.embedding.base import Embedder


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("quality")(quality)


def quality(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, one uniform record a line.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where the results go, one JSON object a line; `-` prints them.")],
    is_json: Annotated[bool, typer.Option("--json", help="Print how many were judged as JSON.")] = False,
) -> None:
    """Say how good conversations are to read: relevance, engagement, novelty, coherence, fluency.

    Writes one line a conversation: {"id", "relevance", "engagement", "novelty", "coherence", "fluency",
    "boring_index", "lines"}. All are in [0, 1] and more is better, but for `boring_index`: 1 is boring.
    `lines` has one number a line: its quality given the lines before it. Equal input, equal numbers.
    """
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.sources.jsonl import read_conversations

    settings = load_settings(RoleSettings)
    embedder = load_embedder(settings.models_path, threads=settings.embedding_threads, cache_entries=0)
    count = write_jsonl(out, _rows(tracked(read_conversations(file), "Judging conversations"), embedder))
    if is_json and str(out) != "-":
        typer.echo(json_line({"conversations": count, "out": str(out)}))
    else:
        say(f"{count} conversation{'' if count == 1 else 's'} judged")


def _rows(conversations: Iterable["Conversation"], embedder: "Embedder") -> Iterator[dict[str, Any]]:
    from conversation_genome.quality import assess

    for conversation in conversations:
        yield {"id": conversation.id} | assess(conversation, embedder).model_dump()

"""`cgp tag`: what conversations are about and who is talking."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conversation_genome.cli.asking import spent_today
from conversation_genome.cli.output import json_line, say, tracked, write_jsonl
from conversation_genome.errors import InputError

if TYPE_CHECKING:
    from conversation_genome.conversation import Conversation
    from conversation_genome.embedding.base import Embedder
    from conversation_genome.engines.base import Engine
    from conversation_genome.settings import RoleSettings


EMBEDDINGS = ("local", "openai")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("tag")(tag)


def tag(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, one uniform record a line.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where the tags go, one JSON object a line; `-` prints them.")],
    engine: Annotated[
        str,
        typer.Option(help="What reads: extractive, extractive-light (faster, shallower), openai or anthropic."),
    ] = "extractive",
    embeddings: Annotated[
        str, typer.Option(help="Whose vectors are written: local, or openai (they are bought like a model's answers).")
    ] = "local",
    max_tags: Annotated[int, typer.Option(min=1, max=40, help="Tags of a conversation at most.")] = 20,
    is_json: Annotated[bool, typer.Option("--json", help="Print how many conversations were tagged as JSON.")] = False,
) -> None:
    """Tag conversations, profile who takes part, and embed the whole.

    Writes one line a conversation:
    {"id", "tags": {"text", "aspect", "weight"} best first, "profiles": {"participant", "facts"}, "embedding",
    "embedding_model": {"name", "revision", "dimensions"}}.
    The embedding is the unit mean of the unit vectors of all lines that hold text; the language decides its model.
    """
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.engines.loading import load_engine
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.sources.jsonl import read_conversations

    settings = load_settings(RoleSettings)
    embedder = load_embedder(settings.models_path, threads=settings.embedding_threads, device=settings.embedding_device)
    reader = load_engine(engine, embedder, settings, is_gated=True)
    vectors = _bought(settings) if _is_bought(embeddings) else embedder
    conversations = tracked(read_conversations(file), "Tagging conversations")
    count = write_jsonl(out, _rows(conversations, reader, vectors, max_tags))
    spent = spent_today(embeddings if _is_bought(embeddings) else engine, settings)
    if is_json and str(out) != "-":
        typer.echo(json_line({"conversations": count, "engine": engine, "out": str(out)} | spent))
    else:
        say(f"{count} conversation{'' if count == 1 else 's'} tagged")


def _is_bought(embeddings: str) -> bool:
    if embeddings not in EMBEDDINGS:
        raise InputError(f"--embeddings {embeddings!r} is none of {', '.join(EMBEDDINGS)}")
    return embeddings == "openai"


def _bought(settings: "RoleSettings") -> "Embedder":
    from conversation_genome.embedding.openai import load_openai_embedder

    return load_openai_embedder(settings)


def _rows(
    conversations: Iterable["Conversation"], engine: "Engine", embedder: "Embedder", max_tags: int
) -> Iterator[dict[str, Any]]:
    from conversation_genome.engines.conversation_vector import conversation_vector, embedder_of

    for conversation in conversations:
        annotation = engine.annotate(conversation, max_tags=max_tags)
        yield {
            "id": conversation.id,
            **annotation.model_dump(mode="json", include={"tags", "profiles"}),
            "embedding": [round(number, 6) for number in conversation_vector(conversation, embedder).tolist()],
            "embedding_model": embedder_of(conversation, embedder).model.model_dump(),
        }

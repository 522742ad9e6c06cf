"""`cgp quality`: the Boring Index of every conversation of a file."""

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
    from conversation_genome.quality import Judge
    from conversation_genome.settings import RoleSettings

OFFLINE = "offline"


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("quality")(quality)


def quality(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, one uniform record a line.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where the results go, one JSON object a line; `-` prints them.")],
    judge: Annotated[
        str, typer.Option(help="Who rates the five dimensions: offline (formulas), openai or anthropic.")
    ] = OFFLINE,
    is_json: Annotated[bool, typer.Option("--json", help="Print how many were judged as JSON.")] = False,
) -> None:
    """Say how good conversations are to read: relevance, engagement, novelty, coherence, fluency.

    Writes one line a conversation: {"id", "relevance", "engagement", "novelty", "coherence", "fluency",
    "boring_index", "lines"}. All are in [0, 1] and more is better, but for `boring_index`: 1 is boring.
    `lines` has one number a line: its quality given the lines before it. Equal input, equal numbers.
    Garbled, empty and one-sided conversations are named, and no paid judge is asked about them.
    """
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.sources.jsonl import read_conversations

    settings = load_settings(RoleSettings)
    asked = _judge(judge, settings)
    embedder = load_embedder(settings.models_path, threads=settings.embedding_threads, cache_entries=0)
    refused: list[str] = []
    conversations = tracked(read_conversations(file), "Judging conversations")
    count = write_jsonl(out, _rows(conversations, embedder, asked, refused))
    for reason in refused:
        say(reason)
    spent = spent_today(judge, settings)
    if is_json and str(out) != "-":
        typer.echo(json_line({"conversations": count, "refused": len(refused), "out": str(out)} | spent))
    else:
        say(f"{count} conversation{'' if count == 1 else 's'} judged")


def _judge(name: str, settings: "RoleSettings") -> "Judge | None":
    """Return who is asked, None for nobody.

    Raises:
        InputError: If there is no such judge.
    """
    from conversation_genome.llm.loading import load_calls, load_language_model
    from conversation_genome.quality import LlmJudge

    match name:
        case "openai" | "anthropic":
            model = load_language_model(name, settings, load_calls(settings))
            return LlmJudge(
                model,
                part_tokens=settings.llm_segment_tokens,
                max_output_tokens=settings.llm_max_output_tokens,
                masks=settings.llm_mask,
            )
        case "offline":
            return None
        case _:
            raise InputError(f"--judge {name!r} is none of offline, openai, anthropic")


def _rows(
    conversations: Iterable["Conversation"], embedder: "Embedder", judge: "Judge | None", refused: list[str]
) -> Iterator[dict[str, Any]]:
    from conversation_genome.quality import assess, refusal_of

    for conversation in conversations:
        reason = refusal_of(conversation)
        if reason is not None:
            refused.append(f"{conversation.id}: {reason}")
        yield {"id": conversation.id} | assess(conversation, embedder, judge).model_dump()

"""`cgp ground-truth`: what a validator would hold true of conversations."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conversation_genome.cli.asking import spent_today
from conversation_genome.cli.output import json_line, say, tracked, write_jsonl
from conversation_genome.cli.windows import cutter, window_row
from conversation_genome.errors import ConversationTooShortError

if TYPE_CHECKING:
    from conversation_genome.cli.windows import Cut
    from conversation_genome.conversation import Conversation, Window
    from conversation_genome.engines.base import Engine


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("ground-truth")(ground_truth)


def ground_truth(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, one uniform record a line.")],
    *,
    out: Annotated[
        Path, typer.Option("--out", help="Where the ground truth goes, one JSON object a line; `-` prints it.")
    ],
    engine: Annotated[
        str,
        typer.Option(
            help="What reads: agreement (of both extractive ones), extractive, extractive-light, openai, anthropic, "
            "agreement-openai or agreement-anthropic (of a language model and extractive)."
        ),
    ] = "agreement",
    is_json: Annotated[bool, typer.Option("--json", help="Print how many conversations were read as JSON.")] = False,
) -> None:
    """Establish the reference tags and profiles that answers are graded against.

    Writes one line a conversation: {"id", "engine", "tags", "profiles", "windows"}; `windows` is a list of
    {"level", "start", "end", "tags"}, cut as `cgp windows` cuts them, threads included. A conversation that is too short to cut
    has tags and profiles but no windows; a window on which the readings hardly agree has no tags, and pays nobody.
    """
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.engines.loading import load_engine
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.sources.jsonl import read_conversations
    from conversation_genome.windowing.settings import WindowingSettings

    settings = load_settings(RoleSettings)
    embedder = load_embedder(settings.models_path, threads=settings.embedding_threads)
    reader = load_engine(engine, embedder, settings, is_gated=True)
    conversations = tracked(read_conversations(file), "Reading conversations")
    cut_one = cutter(WindowingSettings(), embedder)
    count = write_jsonl(out, (_row(conversation, reader, cut_one) for conversation in conversations))
    spent = spent_today(engine, settings)
    if is_json and str(out) != "-":
        typer.echo(json_line({"conversations": count, "engine": engine, "out": str(out)} | spent))
    else:
        say(f"{count} conversation{'' if count == 1 else 's'} read")


def _row(conversation: "Conversation", engine: "Engine", cut_one: "Cut") -> dict[str, Any]:
    from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging

    windows = _windows(conversation, cut_one)
    truth = ConversationTagging().generate(conversation, windows, engine)
    return {
        "id": conversation.id,
        **truth.model_dump(mode="json", include={"engine", "tags", "profiles"}),
        "windows": [
            window_row(window, without="conversation_id")
            | {"tags": [tag.model_dump(mode="json") for tag in truth.windows[window.id]]}
            for window in windows
        ],
    }


def _windows(conversation: "Conversation", cut_one: "Cut") -> "tuple[Window, ...]":
    try:
        return cut_one(conversation)
    except ConversationTooShortError as exc:
        say(f"no windows: {exc}")
        return ()

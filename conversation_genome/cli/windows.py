"""`cgp windows`: where conversations are cut."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_args

import typer

from conversation_genome.cli.output import json_line, say, tracked, write_jsonl
from conversation_genome.errors import ConversationTooShortError, InputError

if TYPE_CHECKING:
    from conversation_genome.conversation import Conversation, Window
    from conversation_genome.embedding.base import Embedder
    from conversation_genome.windowing.settings import Boundaries, WindowingSettings

    Cut = Callable[[Conversation], tuple[Window, ...]]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("windows")(windows)


def windows(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Conversations, one uniform record a line.")],
    *,
    out: Annotated[Path, typer.Option("--out", help="Where the windows go, one JSON object a line; `-` prints them.")],
    lines: Annotated[int, typer.Option(min=2, max=64, help="Lines in a level-2 window.")] = 10,
    overlap: Annotated[int, typer.Option(min=0, max=32, help="Lines that neighbouring level-2 windows share.")] = 2,
    tokens: Annotated[int, typer.Option(min=50, max=100_000, help="Tokens in a level-2 window at most.")] = 2_000,
    min_lines: Annotated[int, typer.Option(min=1, help="Lines with text below which a conversation is refused.")] = 4,
    boundaries: Annotated[
        str,
        typer.Option(help="What topics are cut by: meaning, words (no model), or fixed (runs of --lines, no topics)."),
    ] = "meaning",
    is_json: Annotated[bool, typer.Option("--json", help="Print how many windows were written as JSON.")] = False,
) -> None:
    """Cut conversations into windows: the whole (level 0), topic segments (1), runs of about ten lines (2).

    Writes one line a window, from line `start` to before line `end` of its conversation:
    {"conversation_id", "level", "start", "end"}. A chat in which several talks run through each other is first taken
    apart into its threads: then level 1 are the threads, and windows hold "thread" and "lines", the lines that
    belong to them. Equal input and options, equal windows.
    A conversation that is too short to cut is left out and named; a file of nothing else is refused.
    """
    from conversation_genome.sources.jsonl import read_conversations
    from conversation_genome.windowing.settings import WindowingSettings

    if overlap >= lines:
        raise InputError(f"--overlap {overlap} must be smaller than --lines {lines}")
    settings = WindowingSettings(
        boundaries=_boundaries(boundaries),
        window_lines=lines,
        window_overlap=overlap,
        window_tokens=tokens,
        min_lines=min_lines,
    )
    refused: list[ConversationTooShortError] = []
    conversations = tracked(read_conversations(file), "Cutting conversations")
    count = write_jsonl(out, _rows(conversations, cutter(settings), refused))
    for fault in refused:
        say(f"left out: {fault}")
    if is_json and str(out) != "-":
        typer.echo(json_line({"windows": count, "refused": len(refused), "out": str(out)}))
    else:
        say(f"{count} windows")


def cutter(settings: "WindowingSettings", embedder: "Embedder | None" = None) -> "Cut":
    """Return what cuts a conversation; the model is loaded for the first one that needs it."""
    from conversation_genome.embedding.by_language import embedder_for
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.settings import RoleSettings, load_settings
    from conversation_genome.windowing.cutting import cut, needs_vectors

    loaded = [embedder] if embedder else []

    def cut_one(conversation: "Conversation") -> "tuple[Window, ...]":
        if not needs_vectors(conversation, settings):
            return cut(conversation, settings)
        if not loaded:
            role = load_settings(RoleSettings)
            loaded.append(load_embedder(role.models_path, threads=role.embedding_threads))
        texts = [line.text for line in conversation.lines]
        return cut(conversation, settings, embedder_for(loaded[0], conversation.language).embed(texts))

    return cut_one


def window_row(window: "Window", *, without: str = "") -> dict[str, Any]:
    """Return what is written of a window: `thread` and `lines` where it has them."""
    include = {"conversation_id", "level", "start", "end"} | ({"thread", "lines"} if window.lines else set())
    include.discard(without)
    return window.model_dump(mode="json", include=include)


def _boundaries(name: str) -> "Boundaries":
    from conversation_genome.windowing.settings import Boundaries

    for known in get_args(Boundaries):
        if name == known:
            return known  # type: ignore[no-any-return]
    raise InputError(f"--boundaries {name!r} is none of {', '.join(get_args(Boundaries))}")


def _rows(
    conversations: Iterable["Conversation"], cut_one: "Cut", refused: list[ConversationTooShortError]
) -> Iterator[dict[str, Any]]:
    """Yield the windows' rows; a conversation that is too short is left out, unless all of them are."""
    is_any_cut = False
    for conversation in conversations:
        try:
            windows_of_it = cut_one(conversation)
        except ConversationTooShortError as exc:
            refused.append(exc)
            continue
        is_any_cut = True
        yield from map(window_row, windows_of_it)
    if refused and not is_any_cut:
        raise refused[0]

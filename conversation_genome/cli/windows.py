"""`cgp windows`: where conversations would be cut."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from conversation_genome.cli.output import json_line, say, tracked, write_jsonl
from conversation_genome.errors import ConversationTooShortError, InputError

if TYPE_CHECKING:
    from conversation_genome.conversation import Conversation
    from conversation_genome.windowing.settings import WindowingSettings


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
    is_json: Annotated[bool, typer.Option("--json", help="Print how many windows were written as JSON.")] = False,
) -> None:
    """Cut conversations into windows: the whole (level 0), topic segments (1), runs of about ten lines (2).

    Writes one line a window, from line `start` to before line `end` of its conversation:
    {"conversation_id", "level", "start", "end"}. Equal input and options, equal windows.
    A conversation that is too short to cut is left out and named; a file of nothing else is refused.
    """
    from conversation_genome.sources.jsonl import read_conversations
    from conversation_genome.windowing.settings import WindowingSettings

    if overlap >= lines:
        raise InputError(f"--overlap {overlap} must be smaller than --lines {lines}")
    settings = WindowingSettings(window_lines=lines, window_overlap=overlap, window_tokens=tokens, min_lines=min_lines)
    refused: list[ConversationTooShortError] = []
    conversations = tracked(read_conversations(file), "Cutting conversations")
    count = write_jsonl(out, _rows(conversations, settings, refused))
    for fault in refused:
        say(f"left out: {fault}")
    if is_json and str(out) != "-":
        typer.echo(json_line({"windows": count, "refused": len(refused), "out": str(out)}))
    else:
        say(f"{count} windows")


def _rows(
    conversations: Iterable["Conversation"], settings: "WindowingSettings", refused: list[ConversationTooShortError]
) -> Iterator[dict[str, Any]]:
    """Yield the windows' rows; a conversation that is too short is left out, unless all of them are."""
    from conversation_genome.windowing.cutting import cut

    is_any_cut = False
    for conversation in conversations:
        try:
            windows_of_it = cut(conversation, settings)
        except ConversationTooShortError as exc:
            refused.append(exc)
            continue
        is_any_cut = True
        for window in windows_of_it:
            yield window.model_dump(include={"conversation_id", "level", "start", "end"})
    if refused and not is_any_cut:
        raise refused[0]

"""What `cgp search` prints on a terminal."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from conversation_genome.cli.output import say
from conversation_genome.protocol.finding import Quote, TagNeighbours, TagTrend, TagTrends
from conversation_genome.search.hits import SearchHit
from conversation_genome.vector_store.base import ENOUGH, Health
from conversation_genome.vector_store.health import REMEDY, lowest_of

SHOWN_TAGS: Final = 6
_BARS: Final = " ▁▂▃▄▅▆▇█"
_MARKED: Final = "bold yellow"


def show_hits(hits: Sequence[SearchHit]) -> None:
    """Print hits, each with its lines and why it was found."""
    console = Console(highlight=False)
    for number, hit in enumerate(hits, start=1):
        title = hit.title or hit.conversation_id
        console.print(f"[dim]{number:>2}.[/dim] [bold]{escape(title)}[/bold]", soft_wrap=True)
        for line in _details(hit):
            console.print(Padding(line, (0, 0, 0, 4)))
        console.print()


def show_health(healths: Mapping[str, Health]) -> None:
    """Print how much the index of each model's store finds, with the remedy where that is too little."""
    if not healths:
        say("the store is empty")
    for model, health in healths.items():
        if health.recall is None:
            say(f"{model}: {health.records:,} records, no index: every vector is looked at, nothing is missed")
            continue
        filtered = "" if health.filtered_recall is None else f", {health.filtered_recall:.3f} with a filter"
        say(f"{model}: {health.records:,} records, recall@10 of the index {health.recall:.3f}{filtered}")
        if lowest_of(health) < ENOUGH:
            say(f"that is under {ENOUGH}; {REMEDY}")


def show_neighbours(found: TagNeighbours) -> None:
    """Print what stands around a tag."""
    noun = "conversation" if found.conversations == 1 else "conversations"
    table = Table(title=f"around {escape(repr(found.tag))}, a tag of {found.conversations:,} {noun}", box=None)
    for name in ("tag", "together in", "association", "likeness"):
        table.add_column(name, justify="left" if name == "tag" else "right")
    for one in found.neighbours:
        likeness = "" if one.likeness is None else f"{one.likeness:.2f}"
        association = f"{one.association:+.2f}" if one.together else ""
        table.add_row(escape(one.tag), f"{one.together:,}" if one.together else "", association, likeness)
    Console(highlight=False).print(table)


def show_trends(found: TagTrends) -> None:
    """Print the tags that rise and fall, each with its course."""
    console = Console(highlight=False)
    if not found.starts:
        console.print(f"none of the {found.undated:,} conversations has a date: nothing can rise or fall")
        return
    span = f"{found.starts[0]} to {found.starts[-1]}, by {found.stretch}"
    for name, trends in (("rising", found.rising), ("falling", found.falling)):
        if not trends:
            console.print(f"nothing is {name}, {span}: no tag of three or more conversations")
            continue
        table = Table(title=f"{name}, {span}", box=None)
        for column in ("tag", "course", "conversations", "change of share", "standard errors"):
            table.add_column(column, justify="left" if column in ("tag", "course") else "right")
        for trend in trends:
            table.add_row(
                escape(trend.tag),
                _course(trend, found.conversations),
                f"{trend.conversations:,}",
                f"{trend.change:+.1%}",
                f"{trend.strength:+.1f}",
            )
        console.print(table)
    if found.undated:
        noun = "conversation has" if found.undated == 1 else "conversations have"
        console.print(f"{found.undated:,} more {noun} no date", style="dim")


def _course(trend: TagTrend, conversations: Sequence[int]) -> str:
    """Return the share of each stretch as a row of bars."""
    shares = [count / whole if whole else 0.0 for count, whole in zip(trend.counts, conversations, strict=True)]
    most = max(shares, default=0.0) or 1.0
    return "".join(_BARS[round(share / most * (len(_BARS) - 1))] for share in shares[-40:])


def _details(hit: SearchHit) -> Iterator[Text]:
    day = f"{hit.started_at:%Y-%m-%d}" if hit.started_at else None
    about = ", ".join(part for part in (hit.source, hit.language, day) if part)
    yield Text(f"{hit.conversation_id} ({about})  score {hit.score:.2f}", "dim")
    shown = [quote for passage in hit.passages for quote in passage.quotes] or [Quote(text=text) for text in hit.quotes]
    for quote in dict.fromkeys(shown):
        yield Text.assemble("> ", *_pieces(quote))
    if hit.reasons:
        yield Text("found because: " + "; ".join(hit.reasons), "green")
    if hit.tags:
        yield Text("tags: " + ", ".join(hit.tags[:SHOWN_TAGS]), "cyan")
    if copies := len(hit.near_copies):
        yield Text(f"and {copies} near-{'copy' if copies == 1 else 'copies'}: {', '.join(hit.near_copies[:3])}", "dim")


def _pieces(quote: Quote) -> Iterator[tuple[str, str]]:
    """Yield the quote in pieces, each with its style."""
    bounds = [0, *(place for mark in quote.marks for place in mark), len(quote.text)]
    for number, (start, end) in enumerate(pairwise(bounds)):
        if start < end:
            yield quote.text[start:end], _MARKED if number % 2 else ""

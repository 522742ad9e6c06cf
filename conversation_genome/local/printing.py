"""What a finished run prints: the numbers, the miners, three conversations, one search, and where things lie."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conversation_genome.local.roster import Roster
from conversation_genome.local.summary import RunSummary

TAGS_SHOWN = 8
PLAIN_WIDTH = 120


def print_summary(summary: RunSummary) -> None:
    """Print the result of a run to standard output, for people."""
    console = _console()
    counts = summary.conversations
    too_short = f", {counts.too_short} too short" if counts.too_short else ""
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in summary.answers.items() if count)
    console.print(
        f"\n[bold]{counts.complete} of {counts.total} conversations complete[/bold]{too_short}; "
        f"{summary.windows} windows done in {summary.seconds:.0f} s\nanswers: {outcomes}\n"
    )
    console.print(_miner_table(summary))
    _print_samples(console, summary)
    _print_search(console, summary)
    console.print("\n[bold]where things lie[/bold]")
    for name, path in summary.paths.items():
        console.print(f"  {name.replace('_', ' '):<13} {escape(str(path))}", soft_wrap=True)


def print_addresses(roster: Roster) -> None:
    """Print where everybody serves, while the servers stay up."""
    console = _console()
    console.print("\n[bold]the servers stay up until Ctrl-C[/bold]")
    for member in roster.members:
        kind = f"  {member.kind}" if member.kind else ""
        console.print(f"  {member.name:<12} {member.url}{kind}", soft_wrap=True)
    console.print(f"  try: curl '{roster.server.url}/v1/search?q=music'", soft_wrap=True)
    console.print(f"  look: {roster.server.url}/console in a browser", soft_wrap=True)
    console.print(f"  the administrator's key of this run: {roster.api_key}", soft_wrap=True)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PLAIN_WIDTH)


def _miner_table(summary: RunSummary) -> Table:
    table = Table(title="miners", title_justify="left")
    for name in ("uid", "kind", "answers", "mean score", "reward share", "incentive"):
        table.add_column(name, justify="left" if name == "kind" else "right")
    for row in summary.miners:
        table.add_row(
            str(row.uid),
            row.kind,
            str(row.answers),
            f"{row.mean_score:.3f}",
            f"{row.reward_share:.1%}",
            f"{row.incentive:.1%}",
        )
    return table


def _print_samples(console: Console, summary: RunSummary) -> None:
    shown = len(summary.samples)
    console.print(
        f"\n[bold]{'a conversation and its' if shown == 1 else f'{shown} conversations and their'} tags[/bold]"
    )
    for sample in summary.samples:
        tags = ", ".join(f"{tag.text} ({tag.support})" for tag in sample.tags[:TAGS_SHOWN])
        console.print(f"  [bold]{escape(sample.title)}[/bold]")
        console.print(f"    {escape(tags)}")
        console.print(
            f"    {sample.lines} lines, {sample.participants} speakers, {escape(sample.source)}, "
            f"boring index {sample.quality.boring_index:.2f}"
        )


def _print_search(console: Console, summary: RunSummary) -> None:
    if summary.search is None:
        return
    console.print(f"\n[bold]search: {escape(summary.search.query)}[/bold]")
    for hit in summary.search.hits:
        console.print(f"  {hit.score:.3f}  {escape(hit.conversation_id)}  {escape(hit.snippet)}")

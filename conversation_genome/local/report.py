"""`report.html`: one page that tells somebody who never heard of the project what a local run did.

Self-contained: no script, no request, no font or picture from elsewhere; a policy in the page forbids them.
"""

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from conversation_genome.annotation import Outcome
from conversation_genome.atomic_file import write_atomically
from conversation_genome.local import charts
from conversation_genome.local.kinds import look_of
from conversation_genome.local.summary import MinerRow, RunSummary, SampleConversation

STRIP_BARS: Final = 60
_NUMBERS: Final = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
OUTCOMES_ABOUT: Final = {
    Outcome.SCORED: ("graded", "Arrived in time, in the agreed format, and was graded."),
    Outcome.LATE: ("late", "Came after the deadline, or not at all before it."),
    Outcome.MALFORMED: ("malformed", "Was not in the agreed format; nobody guesses what was meant."),
    Outcome.TOO_LARGE: ("too large", "Was larger than a validator reads."),
    Outcome.REFUSED: ("refused", "The miner declined to answer."),
    Outcome.UNREACHABLE: ("unreachable", "The miner could not be reached."),
}
PATHS_ABOUT: Final = {
    "dataset": "The dataset: Parquet tables and a card; datasets.load_dataset opens it.",
    "vector_store": "What search looks through: vectors and words of every conversation.",
    "database": "The conversation server's database: conversations, answers, grades.",
    "ledger": "The chain of this machine: who is registered, and who weighs whom.",
    "summary": "The numbers of this page for programs.",
    "report": "This page.",
    "logs": "What each process wrote while it ran.",
}
DIMENSIONS: Final = {
    "relevance": "stays with its subject",
    "engagement": "gives the others something to take up",
    "novelty": "adds instead of repeating",
    "coherence": "each line follows from the one before",
    "fluency": "reads like language",
}


def write_report(summary: RunSummary, path: Path) -> None:
    """Write the page, whole or not at all: equal summaries, equal bytes.

    Raises:
        OSError: If the file cannot be written.
    """
    write_atomically(path, report(summary))


def report(summary: RunSummary) -> str:
    """Return the page."""
    environment = Environment(
        loader=PackageLoader(__package__, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": _percent,
        "count": _count,
        "duration": _duration,
        "look": look_of,
        "strip": _strip,
        "words": _in_words,
    }
    kinds = _kinds(summary.miners)
    return environment.get_template("report_template.html").render(
        summary=summary,
        answered=sum(summary.answers.values()),
        honest=_honest_share(summary.miners),
        looks=[look_of(kind) for kind in kinds],
        outcomes=[(*OUTCOMES_ABOUT[outcome], count) for outcome, count in _outcomes(summary)],
        reward_charts=_sizes(charts.reward_over_standing, summary.points),
        score_charts=_sizes(charts.score_by_kind, summary.points, kinds),
        most_reward=max((miner.reward_share for miner in summary.miners), default=0.0) or 1.0,
        dimensions=DIMENSIONS,
        places=[(name, path, PATHS_ABOUT.get(name, "")) for name, path in _places(summary)],
    )


def _sizes(chart: Any, *arguments: Any) -> dict[str, Markup]:
    """Return a chart for wide and for narrow screens."""
    return {
        name: Markup(chart(*arguments, size))  # noqa: S704 (drawn by us; every text in it is escaped)
        for name, size in (("wide", charts.WIDE), ("narrow", charts.NARROW))
    }


def _kinds(miners: Sequence[MinerRow]) -> list[str]:
    """Return the kinds in the order of the table: best paid first."""
    return list(dict.fromkeys(miner.kind for miner in miners))


def _honest_share(miners: Sequence[MinerRow]) -> float | None:
    """Return the share of the reward that honest miners earned; None where there is nobody to compare with."""
    honest = [miner for miner in miners if miner.kind.startswith("honest")]
    if not honest or len(honest) == len(miners):
        return None
    return sum(miner.reward_share for miner in honest)


def _outcomes(summary: RunSummary) -> list[tuple[Outcome, int]]:
    return [(outcome, summary.answers[outcome]) for outcome in Outcome if summary.answers.get(outcome)]


def _places(summary: RunSummary) -> list[tuple[str, Path]]:
    known = [(name, summary.paths[name]) for name in PATHS_ABOUT if name in summary.paths]
    return known + [(name, path) for name, path in summary.paths.items() if name not in PATHS_ABOUT]


def _percent(share: float) -> str:
    if 0 < share < 0.001:
        return "< 0.1 %"
    return f"{100 * share:.1f} %"


def _count(number: int, noun: str = "", plural: str = "") -> str:
    if not noun:
        return f"{number:,}"
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def _in_words(number: int) -> str:
    return _NUMBERS[number] if number < len(_NUMBERS) else f"{number:,}"


def _strip(sample: SampleConversation) -> list[float]:
    """Return the quality of the lines as at most `STRIP_BARS` heights, each the mean of its stretch."""
    lines = sample.quality.lines
    bars = min(len(lines), STRIP_BARS)
    bounds = [round(place * len(lines) / bars) for place in range(bars + 1)]
    return [sum(lines[start:end]) / (end - start) for start, end in pairwise(bounds)]


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds"
    return f"{int(seconds // 60)} min {int(seconds % 60)} s"

"""Tags that rise and fall: in how many conversations each stands, stretch of time by stretch of time."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final

from conversation_genome.protocol.finding import Stretch, TagTrend, TagTrends
from conversation_genome.vector_store.base import Outline
from conversation_genome.vector_store.conditions import utc
from conversation_genome.vector_store.terms import fold

MIN_CONVERSATIONS: Final = 3
"""A tag of fewer, of all dates together, is not said to move."""
MAX_STRETCHES: Final = 400


def tag_trends(
    outlines: Iterable[Outline], *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10
) -> TagTrends:
    """Return the tags whose share of the conversations rose and fell most.

    The later half of the stretches is compared with the earlier half by the two-proportion z-test with pooled
    variance (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 3rd ed., sec. 3.1).

    Args:
        outlines: The conversations.
        stretch: How time is cut; None takes the shortest that gives at most 36 stretches.
        tags: Tags whose course is wanted whether or not they moved.
        limit: Of the rising and of the falling ones each.
    """
    every = list(outlines)
    dated = [(utc(each.started_at).astimezone(UTC), each) for each in every if each.started_at is not None]
    moments = [moment for moment, _ in dated]
    chosen = stretch or _fitting(moments)
    starts = _starts(moments, chosen)
    places = {start: place for place, start in enumerate(starts)}
    counts, spellings = _counted([(places.get(_start(moment, chosen)), each) for moment, each in dated], len(starts))
    totals = Counter(places.get(_start(moment, chosen)) for moment in moments)
    whole = [totals[place] for place in range(len(starts))]
    trends = {key: _trend(spellings[key], counts[key], whole) for key in counts}
    moving = [trend for trend in trends.values() if trend.conversations >= MIN_CONVERSATIONS]
    return TagTrends(
        stretch=chosen,
        starts=tuple(starts),
        conversations=tuple(whole),
        rising=tuple(sorted((t for t in moving if t.strength > 0), key=lambda t: (-t.strength, t.tag))[:limit]),
        falling=tuple(sorted((t for t in moving if t.strength < 0), key=lambda t: (t.strength, t.tag))[:limit]),
        named=tuple(
            trends.get(fold(tag)) or _trend(Counter([tag]), [0] * len(starts), whole) for tag in dict.fromkeys(tags)
        ),
        undated=len(every) - len(dated),
    )


def _counted(
    placed: Iterable[tuple[int | None, Outline]], stretches: int
) -> tuple[dict[str, list[int]], dict[str, Counter[str]]]:
    counts: dict[str, list[int]] = defaultdict(lambda: [0] * stretches)
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for place, outline in placed:
        if place is None:
            continue
        for key, tag in {fold(tag): tag for tag in outline.tags}.items():
            counts[key][place] += 1
            spellings[key][tag] += 1
    return counts, spellings


def _trend(spelled: Counter[str], counts: Sequence[int], whole: Sequence[int]) -> TagTrend:
    half = len(whole) // 2
    earlier, later = sum(counts[:half]), sum(counts[half:])
    before, after = sum(whole[:half]), sum(whole[half:])
    change = later / after - earlier / before if before and after else 0.0
    return TagTrend(
        tag=min(spelled, key=lambda tag: (-spelled[tag], tag)),
        conversations=earlier + later,
        counts=tuple(counts),
        change=change,
        strength=_strength(change, (earlier + later) / (before + after), before, after) if before and after else 0.0,
    )


def _strength(change: float, share: float, before: int, after: int) -> float:
    variance = share * (1 - share) * (1 / before + 1 / after)
    return change / math.sqrt(variance) if variance > 0 else 0.0


def _fitting(moments: Sequence[datetime]) -> Stretch:
    if not moments:
        return Stretch.MONTH
    days = (max(moments) - min(moments)).days
    return next((stretch for stretch, most in _MOST_DAYS.items() if days <= most), Stretch.YEAR)


_MOST_DAYS: Final = {Stretch.DAY: 35, Stretch.WEEK: 250, Stretch.MONTH: 1_095}
"""Days between the first and the last conversation up to which the stretch gives at most 36 of them."""


def _starts(moments: Sequence[datetime], stretch: Stretch) -> list[date]:
    """Return every stretch from the first to the last; of more than are shown, the latest."""
    if not moments:
        return []
    first, place = _start(min(moments), stretch), _start(max(moments), stretch)
    starts = [place]
    while place > first and len(starts) < MAX_STRETCHES:
        place = _start(datetime.combine(place, datetime.min.time()) - timedelta(days=1), stretch)
        starts.append(place)
    return starts[::-1]


def _start(moment: datetime, stretch: Stretch) -> date:
    day = moment.date()
    if stretch is Stretch.YEAR:
        return day.replace(month=1, day=1)
    if stretch is Stretch.MONTH:
        return day.replace(day=1)
    return day - timedelta(days=day.weekday()) if stretch is Stretch.WEEK and day.toordinal() > 7 else day

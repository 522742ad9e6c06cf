"""`report.html`: the dataset at a glance, without a line of JavaScript. Reads the tables that were written."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Final

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined

from conversation_genome.atomic_file import write_atomically
from conversation_genome.publishing.publication import Publication
from conversation_genome.publishing.tables import TABLES, files_of, rows_of
from conversation_genome.publishing.tag_map import Group, Point, map_tags

REPORT: Final = "report.html"
SAMPLED_FILES: Final = 24
"""Of a table: shards are divided by a hash, so some of them are a fair sample of all."""
MAPPED_TAGS: Final = 400
BINS: Final = 20
STEPS: Final = 60
LANGUAGES: Final = 12
WIDTH, HEIGHT = 960, 960
LANGUAGE_NAMES: Final = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian",
    "ja": "Japanese", "ko": "Korean", "lt": "Lithuanian", "lv": "Latvian", "ms": "Malay", "nl": "Dutch",
    "no": "Norwegian", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak",
    "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish",
    "uk": "Ukrainian", "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""By ISO 639-1 code; others are shown by their code."""
_MEASURES: Final = ("boring_index", "relevance", "engagement", "novelty", "coherence", "fluency")


@dataclass(frozen=True, slots=True)
class Label:
    """A text on the map, where it covers no other."""

    text: str
    x: float
    y: float
    is_group: bool


def write_report(publication: Publication, folder: Path) -> None:
    """Write the report of a dataset that stands in a folder."""
    environment = Environment(
        loader=PackageLoader(__package__, "."), undefined=StrictUndefined, autoescape=True, trim_blocks=True
    )
    files = files_of(folder, "conversations", SAMPLED_FILES)
    conversations = list(rows_of(files, ["quality", "boring_index", "merged_at"]))
    groups, points = _map(folder)
    text = environment.get_template("report_template.html").render(
        publication=publication,
        sampled=len(conversations),
        tables=TABLES,
        languages=_languages(publication),
        histograms=_histograms(conversations),
        growth=_growth([row["merged_at"] for row in conversations], publication.conversations),
        groups=groups,
        points=points,
        labels=_labels(groups, points),
        width=WIDTH,
        height=HEIGHT,
    )
    write_atomically(folder / REPORT, text)


def _languages(publication: Publication) -> list[tuple[str, int, float]]:
    ranked = sorted(publication.languages.items(), key=lambda one: (-one[1], one[0]))
    rest = sum(count for _, count in ranked[LANGUAGES:])
    shown = [*ranked[:LANGUAGES], *([("others", rest)] if rest else [])]
    most = max((count for _, count in shown), default=1)
    return [(LANGUAGE_NAMES.get(name, name), count, round(100 * count / most, 1)) for name, count in shown]


def _histograms(rows: list[dict[str, Any]]) -> list[tuple[str, list[float], float]]:
    """Return (name, heights in [0, 1], mean) of each measure."""
    found = []
    for name in _MEASURES if rows else ():
        values = [row["boring_index"] if name == "boring_index" else row["quality"][name] for row in rows]
        counts = np.histogram(values, bins=BINS, range=(0, 1))[0]
        found.append((name, [round(float(one), 3) for one in counts / max(1, counts.max())], float(np.mean(values))))
    return found


def _growth(moments: list[datetime], total: int) -> dict[str, Any] | None:
    """Return the curve of conversations over time, x and y in [0, 1]; None where all are of one moment."""
    if len(moments) < 2 or min(moments) == max(moments):
        return None
    first, last = min(moments), max(moments)
    span = (last - first).total_seconds()
    steps = [min(STEPS - 1, int((one - first).total_seconds() / span * STEPS)) for one in moments]
    reached = list(accumulate(np.bincount(steps, minlength=STEPS).tolist()))
    curve = [(0.0, 0.0), *(((step + 1) / STEPS, count / len(moments)) for step, count in enumerate(reached))]
    return {"first": first, "last": last, "total": total, "curve": curve}


def _map(folder: Path) -> tuple[list[Group], list[Point]]:
    """Map the tags that most conversations of the sample hold."""
    held = rows_of(files_of(folder, "conversation_tags", SAMPLED_FILES), ["tag_id", "window_id"])
    counts = Counter(row["tag_id"] for row in held if row["window_id"] is None)
    chosen = sorted(counts, key=lambda one: (-counts[one], one))[:MAPPED_TAGS]
    found = rows_of(files_of(folder, "tags"), ["tag_id", "text", "vector"], wanted=set(chosen))
    rows = {row["tag_id"]: (row["text"], row["vector"]) for row in found if row["vector"] is not None}
    chosen = [one for one in chosen if one in rows]
    vectors = np.array([rows[one][1] for one in chosen] or np.empty((0, 1)), dtype=np.float32)
    return map_tags([rows[one][0] for one in chosen], [counts[one] for one in chosen], vectors)


def _labels(groups: list[Group], points: list[Point]) -> list[Label]:
    """Return the names of the groups, and of as many points as there is room for, those of most conversations first."""
    taken: list[tuple[float, float, float, float]] = []
    labels = []
    wanted = [(" · ".join(one.names), one.x, one.y - one.radius, True) for one in groups]
    wanted += [(one.text, one.x, one.y, False) for one in sorted(points, key=lambda one: (-one.count, one.text))]
    for text, x, y, is_group in wanted:
        size = 15 if is_group else 10.5
        half = len(text) * size * 0.29
        left, top = min(max(x * WIDTH, half), WIDTH - half), max(y * HEIGHT - (6 if is_group else 7), 16.0)
        box = (left - half, top - size, left + half, top + 3)
        if is_group or not any(_overlap(box, other) for other in taken):
            taken.append(box)
            labels.append(Label(text, round(left, 1), round(top, 1), is_group))
    return labels


def _overlap(one: tuple[float, float, float, float], two: tuple[float, float, float, float]) -> bool:
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]

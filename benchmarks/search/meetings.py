"""QMSum as merged conversations and judged queries: ten-turn windows, stride five, cut from 104 real meetings."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.quality.base import Quality
from conversation_genome.record import MergedRecord, WindowRecord

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data" / "meetings_qmsum.jsonl"
TURNS: Final = 10
STRIDE: Final = 5
STRONG_OVERLAP: Final = 5
"""Turns of a window in the spans from which it has grade 2; with fewer it has grade 1."""
_MARK: Final = re.compile(r"\{[a-z]+\}")
"""`{vocalsound}` and the like."""
_QUALITY: Final = Quality(
    relevance=0.5, engagement=0.5, novelty=0.5, coherence=0.5, fluency=0.5, boring_index=0.5, lines=()
)
Key = tuple[str, str]
"""A window: meeting and window id."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A query with the windows that answer it."""

    text: str
    meeting: int
    """Its place in the file; even ones were tuned on."""
    grades: dict[Key, int]


def meetings() -> list[dict[str, Any]]:
    """Return the meetings as they stand in the file, lines without marks."""
    rows = [json.loads(line) for line in DATA.read_text().splitlines()]
    for row in rows:
        row["lines"] = [[speaker, " ".join(_MARK.sub(" ", text).split())] for speaker, text in row["lines"]]
    return rows


def spans(lines: int) -> list[tuple[int, int]]:
    """Return the windows of a meeting as [start, end)."""
    starts = [0]
    while starts[-1] + TURNS < lines:
        starts.append(starts[-1] + STRIDE)
    return [(start, min(start + TURNS, lines)) for start in starts]


def merged(row: dict[str, Any]) -> MergedRecord:
    """Return a meeting as it is indexed: without tags and profiles, which no annotator gave."""
    record = {name: row[name] for name in ("id", "source", "participants", "lines")} | {"language": "en"}
    windows = [(0, 0, len(row["lines"])), *((2, start, end) for start, end in spans(len(row["lines"])))]
    return MergedRecord(
        conversation=Conversation.from_record(record),
        tags=(),
        windows=tuple(
            WindowRecord(window_id=window_id(level, start, end), level=level, start=start, end=end, tags=(), answers=0)
            for level, start, end in windows
        ),
        profiles=(),
        embedding=(1.0,),
        embedding_model=EmbeddingModel(name="none", revision="1", dimensions=1),
        quality=_QUALITY,
        miners=0,
        validators=0,
        scoring_version="1",
        merged_at=datetime(2025, 1, 1, tzinfo=UTC),
    )


def window_id(level: int, start: int, end: int) -> str:
    """Return a window's id."""
    return f"{level}-{start}-{end}"


def judged(rows: Sequence[dict[str, Any]]) -> list[Judged]:
    """Return every query of every meeting."""
    return [
        Judged(one["query"], place, _grades(row, one["spans"]))
        for place, row in enumerate(rows)
        for one in row["labels"]["queries"]
    ]


def _grades(row: dict[str, Any], relevant: Sequence[Sequence[int]]) -> dict[Key, int]:
    turns = {turn for first, last in relevant for turn in range(first, last + 1)}
    shares = {
        (row["id"], window_id(2, start, end)): len(turns & set(range(start, end)))
        for start, end in spans(len(row["lines"]))
    }
    return {key: 2 if share >= STRONG_OVERLAP else 1 for key, share in shares.items() if share}

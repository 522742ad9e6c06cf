"""What a publication holds, counted."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, TypeVar

from pydantic import BaseModel, ConfigDict

from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.record import UNSCORED


class Licensed(BaseModel):
    """Conversations of one source that are published under one licence."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    licence: str
    """SPDX identifier."""
    conversations: int


class LeftOut(BaseModel):
    """Conversations of one source that are not published, for no licence is known to let them be passed on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    statement: str
    """What the source states as its licence."""
    conversations: int


SOURCES_SHOWN: Final = 100
"""In the card and the report; every row of the dataset names its own."""
_Row = TypeVar("_Row", Licensed, LeftOut)


class Publication(BaseModel):
    """A dataset as it was written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    folder: Path
    rows: dict[str, int]
    """Rows by table."""
    splits: dict[str, dict[str, int]]
    """Rows by table and split; a split without rows is not there."""
    sources: tuple[Licensed, ...]
    left_out: tuple[LeftOut, ...]
    languages: dict[str, int]
    """Conversations by language, where it is known."""
    scoring_versions: tuple[str, ...]
    embedding_model: EmbeddingModel | None
    """The main model, whose vectors stand in `conversations` and `tags`; None when nothing was published."""
    other_models: tuple[EmbeddingModel, ...] = ()
    """Models of other languages; each has a table of vectors of its own."""
    has_tag_vectors: bool
    has_original_columns: bool = False
    newest_record_at: datetime | None
    size_bytes: int
    """Of the Parquet files."""
    shards: int
    shards_kept: int
    """Shards that are byte for byte those of the publication before, and were not written again."""
    revision: str
    """SHA-256 (hex) over the Parquet files: equal content, equal revision."""

    @property
    def is_graded(self) -> bool:
        """Whether miners answered and validators graded, of any conversation."""
        return not all(version.startswith(UNSCORED) for version in self.scoring_versions)

    @property
    def conversations(self) -> int:
        """Conversations that were published."""
        return self.rows["conversations"]

    @property
    def sources_shown(self) -> tuple[Licensed, ...]:
        """The largest sources by name, and what all others of each licence come to: files of a corpus may each be one."""
        kept, others = _largest(self.sources)
        totals = _totals((one.licence, one.conversations) for one in others)
        return kept + tuple(
            Licensed(source=_further(count), licence=licence, conversations=total)
            for licence, (count, total) in totals.items()
        )

    @property
    def left_out_shown(self) -> tuple[LeftOut, ...]:
        """The same of what was left out, by what the sources state."""
        kept, others = _largest(self.left_out)
        totals = _totals((one.statement, one.conversations) for one in others)
        return kept + tuple(
            LeftOut(source=_further(count), statement=statement, conversations=total)
            for statement, (count, total) in totals.items()
        )

    @property
    def left_out_total(self) -> int:
        """Conversations that were not."""
        return sum(one.conversations for one in self.left_out)

    @property
    def licences(self) -> dict[str, int]:
        """Conversations by SPDX identifier."""
        counts: Counter[str] = Counter()
        for one in self.sources:
            counts[one.licence] += one.conversations
        return dict(sorted(counts.items()))


class Pushed(BaseModel):
    """What a push to a hub had to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    repo: str
    uploaded: tuple[str, ...]
    """Files that the hub had not, or had with another content."""
    deleted: tuple[str, ...]
    unchanged: int
    withdrawn: int
    """Conversations that the hub had and has no more."""
    forgotten: int
    """Files that only earlier revisions named, deleted with these revisions since a conversation was withdrawn."""


class Mirrored(BaseModel):
    """What a mirroring to Firebase had to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str
    written: int
    """Records that it had not, or had in another revision."""
    deleted: int
    unchanged: int


def _largest(rows: tuple[_Row, ...]) -> tuple[tuple[_Row, ...], tuple[_Row, ...]]:
    """Return the rows of most conversations and all others, each in the order in which they came."""
    ranked = sorted(range(len(rows)), key=lambda place: (-rows[place].conversations, place))
    largest = set(ranked[:SOURCES_SHOWN])
    kept = tuple(row for place, row in enumerate(rows) if place in largest)
    return kept, tuple(row for place, row in enumerate(rows) if place not in largest)


def _totals(rows: Iterable[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    """Return (rows, conversations) by name, sorted by it."""
    found: dict[str, tuple[int, int]] = {}
    for name, conversations in rows:
        count, total = found.get(name, (0, 0))
        found[name] = (count + 1, total + conversations)
    return dict(sorted(found.items()))


def _further(count: int) -> str:
    return f"{count:,} further source{'' if count == 1 else 's'}"

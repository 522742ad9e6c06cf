"""One merged record as rows of the five tables; nothing here knows how they are stored."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Self

from conversation_genome.annotation import Aspect
from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.record import ConsensusTag, MergedRecord, WindowRecord

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Provenance:
    """What every row of a record tells of where it comes from."""

    license: str
    """SPDX identifier."""
    miners: int
    validators: int
    scoring_version: str
    record_revision: str
    """Begins the SHA-256 of the merged record: equal in all its rows, another one when the record changes."""

    @classmethod
    def of(cls, record: MergedRecord, *, licence: str, revision: str) -> Self:
        """Return the provenance of a record."""
        return cls(licence, record.miners, record.validators, record.scoring_version, revision[:16])

    @property
    def columns(self) -> Row:
        """The columns that every table of conversations ends with."""
        return {name: value for name, value in asdict(self).items() if name != "license"}


def tag_id(tag: ConsensusTag) -> str:
    """Return the id of a tag: equal for an equal text (whatever its case) and aspect, in every publication."""
    return hashlib.sha256(f"{tag.aspect}\n{tag.text.casefold()}".encode()).hexdigest()[:16]


def conversation_row(record: MergedRecord, provenance: Provenance) -> Row:
    """Return the row of `conversations`."""
    conversation = record.conversation
    return {
        "id": conversation.id,
        "source": conversation.source,
        "license": provenance.license,
        "license_statement": conversation.license,
        "language": conversation.language,
        "started_at": conversation.started_at,
        "participants": list(conversation.participants),
        "transcript": [
            {"speaker": line.speaker, "name": conversation.participants[line.speaker], "text": line.text, "at": line.at}
            for line in conversation.lines
        ],
        "tags": [tag.text for tag in record.tags],
        "quality": record.quality.model_dump(include={"relevance", "engagement", "novelty", "coherence", "fluency"}),
        "boring_index": record.quality.boring_index,
        "line_quality": list(record.quality.lines),
        "windows": len(record.windows),
        "answers": sum(window.answers for window in record.windows),
        "merged_at": record.merged_at,
        "content_hash": conversation.content_hash,
        "embedding_model": record.embedding_model.name,
        "embedding_revision": record.embedding_model.revision,
        "embedding": list(record.embedding),
        **provenance.columns,
    }


def with_original_columns(row: Row) -> Row:
    """Return a row of `conversations` with `c_guid` and with speakers by name, as the first dataset of this subnet had them."""
    lines = [{"speaker": line["name"], "text": line["text"]} for line in row["transcript"]]
    return {**row, "c_guid": row["id"], "transcript": lines}


def window_rows(record: MergedRecord, provenance: Provenance) -> list[Row]:
    """Return the rows of `windows`."""
    return [
        {
            "conversation_id": record.conversation.id,
            "window_id": window.window_id,
            "level": window.level,
            "start": window.start,
            "end": window.end,
            "thread": window.thread,
            "lines": None if window.lines is None else list(window.lines),
            "tags": [tag.text for tag in window.tags],
            "answers": window.answers,
            **provenance.columns,
        }
        for window in record.windows
    ]


def tags_of(record: MergedRecord) -> dict[str, ConsensusTag]:
    """Return the distinct tags of a record by id, its own before those of its windows."""
    tags: dict[str, ConsensusTag] = {}
    for tag in (*record.tags, *(tag for window in record.windows for tag in window.tags)):
        tags.setdefault(tag_id(tag), tag)
    return tags


def tag_row(id_: str, text: str, aspect: Aspect, model: EmbeddingModel | None, vector: FloatArray | None) -> Row:
    """Return the row of `tags`; model and vector are left empty where nothing embedded the tag."""
    return {
        "tag_id": id_,
        "text": text,
        "aspect": aspect.value,
        "model": model.name if model else None,
        "revision": model.revision if model else None,
        "vector": vector,
    }


def conversation_tag_rows(record: MergedRecord, provenance: Provenance) -> list[Row]:
    """Return the rows of `conversation_tags`: the conversation's own tags (no window), then each window's."""
    found: dict[str, list[str]] = defaultdict(list)
    for window in record.windows:
        for id_ in dict.fromkeys(map(tag_id, window.tags)):
            found[id_].append(window.window_id)
    rows = [_held(record, None, tag, found[tag_id(tag)]) for tag in record.tags]
    for window in record.windows:
        rows += [_held(record, window, tag, [window.window_id]) for tag in window.tags]
    return [{**row, **provenance.columns} for row in rows]


def _held(record: MergedRecord, window: WindowRecord | None, tag: ConsensusTag, found_in: list[str]) -> Row:
    return {
        "conversation_id": record.conversation.id,
        "tag_id": tag_id(tag),
        "text": tag.text,
        "level": window.level if window else 0,
        "window_id": window.window_id if window else None,
        "windows": found_in,
        "support": tag.support,
        "score": tag.weight,
    }


def profile_rows(record: MergedRecord, provenance: Provenance) -> list[Row]:
    """Return the rows of `profiles`: one a fact."""
    return [
        {
            "conversation_id": record.conversation.id,
            "participant": profile.participant,
            "kind": fact.kind.value,
            "text": fact.text,
            "evidence": list(fact.evidence),
            "windows": [window.window_id for window in record.windows if _holds(window, fact.evidence)],
            "confidence": fact.confidence,
            **provenance.columns,
        }
        for profile in record.profiles
        for fact in profile.facts
    ]


def _holds(window: WindowRecord, lines: Iterable[int]) -> bool:
    numbers = range(window.start, window.end) if window.lines is None else window.lines
    return any(line in numbers for line in lines)

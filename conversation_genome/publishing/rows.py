"""One merged record as rows of the five tables; nothing here knows how they are stored."""

import hashlib
from collections.abc import Iterable
from typing import Any

from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.record import ConsensusTag, MergedRecord, WindowRecord

Row = dict[str, Any]


def tag_id(tag: ConsensusTag) -> str:
    """Return the id of a tag: equal for an equal text (whatever its case) and aspect, in every publication."""
    return hashlib.sha256(f"{tag.aspect}\n{tag.text.casefold()}".encode()).hexdigest()[:16]


def conversation_row(record: MergedRecord, licence: str) -> Row:
    """Return the row of `conversations`."""
    conversation = record.conversation
    return {
        "id": conversation.id,
        "source": conversation.source,
        "license": licence,
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
        "miners": record.miners,
        "validators": record.validators,
        "scoring_version": record.scoring_version,
        "merged_at": record.merged_at,
        "content_hash": conversation.content_hash,
        "embedding_model": record.embedding_model.name,
        "embedding_revision": record.embedding_model.revision,
        "embedding": list(record.embedding),
    }


def window_rows(record: MergedRecord) -> list[Row]:
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
        }
        for window in record.windows
    ]


def tags_of(record: MergedRecord) -> dict[str, ConsensusTag]:
    """Return the distinct tags of a record by id, its own before those of its windows."""
    tags: dict[str, ConsensusTag] = {}
    for tag in (*record.tags, *(tag for window in record.windows for tag in window.tags)):
        tags.setdefault(tag_id(tag), tag)
    return tags


def tag_row(id_: str, tag: ConsensusTag, model: EmbeddingModel | None, vector: FloatArray | None) -> Row:
    """Return the row of `tags`; model and vector are left empty where nothing embedded the tag."""
    return {
        "tag_id": id_,
        "text": tag.text,
        "aspect": tag.aspect.value,
        "model": model.name if model else None,
        "revision": model.revision if model else None,
        "vector": vector,
    }


def conversation_tag_rows(record: MergedRecord) -> list[Row]:
    """Return the rows of `conversation_tags`: the conversation's own tags (no window), then each window's."""
    rows = list(_held(record, None, record.tags))
    for window in record.windows:
        rows += _held(record, window, window.tags)
    return rows


def _held(record: MergedRecord, window: WindowRecord | None, tags: Iterable[ConsensusTag]) -> Iterable[Row]:
    return (
        {
            "conversation_id": record.conversation.id,
            "tag_id": tag_id(tag),
            "text": tag.text,
            "level": window.level if window else 0,
            "window_id": window.window_id if window else None,
            "support": tag.support,
            "score": tag.weight,
        }
        for tag in tags
    )


def profile_rows(record: MergedRecord) -> list[Row]:
    """Return the rows of `profiles`: one a fact."""
    return [
        {
            "conversation_id": record.conversation.id,
            "participant": profile.participant,
            "kind": fact.kind.value,
            "text": fact.text,
            "evidence": list(fact.evidence),
            "confidence": fact.confidence,
        }
        for profile in record.profiles
        for fact in profile.facts
    ]

"""Conversations like one: by the meaning of the whole and by the words of its tags."""

from dataclasses import dataclass
from typing import Final

from conversation_genome.search.gathering import all_on_shared_scale
from conversation_genome.search.hits import SearchHit
from conversation_genome.search.ranking import Ranking, fused
from conversation_genome.search.sketching import SAME, likeness
from conversation_genome.vector_store.base import Level, Match, SearchFilter, VectorRecord, VectorStore
from conversation_genome.vector_store.conditions import AnyOf, FieldIs, FieldName
from conversation_genome.vector_store.terms import fold

BY_TAGS: Final = 0.5
MIN_LIKENESS: Final = 0.3
"""Cosine on MiniLM's scale below which two conversations are not like each other."""
MAX_TAGS: Final = 12
MIN_DEPTH: Final = 100


@dataclass(frozen=True, slots=True)
class _Like:
    record: VectorRecord
    cosine: float
    shared: tuple[str, ...]
    is_copy: bool


def similar_hits(one: VectorRecord, store: VectorStore, limit: int) -> list[SearchHit]:
    """Return the conversations of a store that are like one, most similar first.

    Args:
        one: Its record on the conversation level.
        store: Where it and the others are.
        limit: Conversations at most.
    """
    depth = max(MIN_DEPTH, limit + 1)
    whole = SearchFilter(levels=frozenset({Level.CONVERSATION}))
    found = store.search(one.vector, filters=whole, limit=depth, has_texts=False)
    tags = one.tags[:MAX_TAGS]
    if tags:
        tagged = AnyOf(tuple(FieldIs(FieldName.TAG, tag) for tag in tags))
        sharing = SearchFilter(levels=whole.levels, where=tagged)
        found = found + store.search(one.vector, filters=sharing, limit=depth, has_texts=False)
    every = {match.record.conversation_id: match for match in all_on_shared_scale(found, one.model)}
    likes = {key: _like(one, match) for key, match in every.items() if key != one.conversation_id}
    kept = {key: like for key, like in likes.items() if like.cosine >= MIN_LIKENESS or like.shared}
    near = sorted(kept, key=lambda key: (-kept[key].cosine, key))
    shared = sorted(
        (key for key in kept if kept[key].shared), key=lambda key: (-len(kept[key].shared), near.index(key))
    )
    scores = fused([Ranking(near, 1.0), Ranking(shared, BY_TAGS)])
    best = sorted(scores, key=lambda key: (-scores[key], near.index(key)))[:limit]
    return [_hit(kept[key], scores[key]) for key in best]


def _like(one: VectorRecord, match: Match) -> _Like:
    own = set(map(fold, one.tags))
    shared = tuple(tag for tag in match.record.tags if fold(tag) in own)
    is_copy = bool(likeness(one.sketch, [match.record.sketch])[0] >= SAME)
    return _Like(match.record, match.similarity or 0.0, shared, is_copy)


def _hit(like: _Like, score: float) -> SearchHit:
    reasons = ["nearly the same words"] if like.is_copy else []
    reasons.append(f"the whole is close in meaning ({like.cosine:.2f})")
    if like.shared:
        reasons.append("tagged " + ", ".join(f"'{tag}'" for tag in like.shared[:5]) + ", too")
    record = like.record
    return SearchHit(
        conversation_id=record.conversation_id,
        title=record.title,
        score=score,
        window_id=None,
        quotes=(),
        tags=record.tags,
        reasons=tuple(reasons),
        source=record.source,
        language=record.language,
        started_at=record.started_at,
        speakers=record.speakers,
    )

"""Searcher: a query in, conversations out; found by meaning and by words on three levels at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.errors import QueryError, VectorModelError
from conversation_genome.search.hits import SearchHit
from conversation_genome.search.indexing import vector_model
from conversation_genome.search.quoting import query_words, quote_by_meaning, quotes_by_words, words_found
from conversation_genome.vector_store.base import Level, Match, SearchFilter, VectorStore
from conversation_genome.vector_store.fusion import fuse

MAX_QUERY_CHARACTERS: Final = 1_000
MAX_HITS: Final = 1_000
MIN_SIMILARITY: Final = 0.25
"""Cosine below which a record is not near in meaning: unrelated texts have about 0.1 in MiniLM."""
TAG_SIMILARITY: Final = 0.45
"""Cosine from which a tag is named as a reason."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: the text, its vector, and its words by the term under which each is looked up."""

    text: str
    vector: FloatArray
    words: Mapping[str, str]


class Searcher:
    """Finds conversations in a store; a query is plain words, never a language."""

    def __init__(self, store: VectorStore, embedder: Embedder, *, min_similarity: float = MIN_SIMILARITY) -> None:
        self._store = store
        self._embedder = embedder
        self._min_similarity = min_similarity

    def search(self, query: str, limit: int = 10, *, filters: SearchFilter | None = None) -> list[SearchHit]:
        """Return the conversations that answer a query, best first.

        Raises:
            QueryError: If the query is empty or too long, or the limit is not in 1 to 1,000.
            VectorModelError: If the store's vectors are of another model than the embedder's.
            VectorStoreError: If the store cannot be read.
        """
        checked = self._checked(query, limit)
        matches = self._matches(checked, filters or SearchFilter(), depth=5 * limit)
        scores = self._scores(matches)
        best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
        by_conversation = _by_conversation(matches)
        return [self._hit(checked, scores[key], by_conversation[key]) for key in best]

    def _checked(self, text: str, limit: int) -> Query:
        text = text.strip()
        if not text:
            raise QueryError("the query is empty; give a few words")
        if len(text) > MAX_QUERY_CHARACTERS:
            raise QueryError(f"the query has {len(text):,} characters, at most {MAX_QUERY_CHARACTERS:,} are read")
        if not 1 <= limit <= MAX_HITS:
            raise QueryError(f"the limit must be from 1 to {MAX_HITS:,}, not {limit}")
        model = self._store.model
        if model is not None and model != vector_model(self._embedder.model):
            raise VectorModelError(
                f"the store holds vectors of {model.name}@{model.revision[:12]}, the query would be embedded with "
                f"{self._embedder.model.name}@{self._embedder.model.revision[:12]}; use the store's model"
            )
        return Query(text, self._embedder.embed([text])[0], query_words(text))

    def _matches(self, query: Query, filters: SearchFilter, *, depth: int) -> dict[Level, list[Match]]:
        wanted = filters.levels or frozenset(Level)
        return {
            level: self._store.search(
                query.vector, query.text, filters=replace(filters, levels=frozenset({level})), limit=max(depth, 50)
            )
            for level in Level
            if level in wanted
        }

    def _scores(self, matches: Mapping[Level, Sequence[Match]]) -> dict[str, float]:
        """Return each conversation's fused score: its rank by its best record, by meaning and by words, on each level."""
        rankings = []
        for found in matches.values():
            near = [match for match in found if (match.similarity or 0.0) >= self._min_similarity]
            rankings.append(_ranking(near, lambda match: match.similarity or 0.0))
            rankings.append(
                _ranking([match for match in found if match.word_score > 0], lambda match: match.word_score)
            )
        return fuse([ranking for ranking in rankings if ranking])

    def _hit(self, query: Query, score: float, found: Mapping[Level, Sequence[Match]]) -> SearchHit:
        windows = found.get(Level.WINDOW, ())
        best = max(windows, key=lambda match: match.score, default=None)
        any_match = next(match for matches in found.values() for match in matches)
        record = any_match.record
        return SearchHit(
            conversation_id=record.conversation_id,
            title=record.title,
            score=min(1.0, score),
            window_id=best.record.part if best else None,
            quotes=self._quotes(query, found, best),
            tags=record.tags,
            reasons=self._reasons(query, found),
            source=record.source,
            language=record.language,
            started_at=record.started_at,
        )

    def _quotes(self, query: Query, found: Mapping[Level, Sequence[Match]], best: Match | None) -> tuple[str, ...]:
        whole = found.get(Level.CONVERSATION, ())
        texts = [match.record.text for match in ([best] if best else []) + list(whole)]
        for text in texts:
            if quotes := quotes_by_words(text, query.words):
                return quotes
        return quote_by_meaning(texts[0], query.vector, self._embedder) if texts else ()

    def _reasons(self, query: Query, found: Mapping[Level, Sequence[Match]]) -> tuple[str, ...]:
        reasons = []
        tags = [
            match for match in found.get(Level.TAG, ()) if match.word_score or (match.similarity or 0) >= TAG_SIMILARITY
        ]
        if tags:
            reasons.append("tagged " + ", ".join(f"'{match.record.part}'" for match in tags[:3]))
        spoken = (
            match.record.text
            for level in (Level.WINDOW, Level.CONVERSATION)
            for match in found.get(level, ())
            if match.word_score
        )
        if words := words_found(spoken, query.words):
            reasons.append("says " + ", ".join(f"'{word}'" for word in words))
        near = max((match.similarity or 0.0 for match in found.get(Level.WINDOW, ())), default=0.0)
        if near >= self._min_similarity:
            reasons.append(f"a passage is close in meaning ({near:.2f})")
        return tuple(reasons) or ("the conversation as a whole is close in meaning",)


def _ranking(matches: Sequence[Match], value: Callable[[Match], float]) -> list[str]:
    """Return conversations by the best value of their records."""
    best: dict[str, float] = {}
    for match in matches:
        key = match.record.conversation_id
        best[key] = max(best.get(key, float("-inf")), value(match))
    return sorted(best, key=lambda key: (-best[key], key))


def _by_conversation(matches: Mapping[Level, Sequence[Match]]) -> dict[str, dict[Level, list[Match]]]:
    found: dict[str, dict[Level, list[Match]]] = defaultdict(dict)
    for level, of_level in matches.items():
        for match in of_level:
            found[match.record.conversation_id].setdefault(level, []).append(match)
    return found

"""Searcher: a query in, conversations out; found by meaning and by words on three levels at once."""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from typing import Final

import numpy as np

from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.by_language import embedder_of
from conversation_genome.embedding.scales import scale_of
from conversation_genome.errors import QueryError, VectorModelError
from conversation_genome.search.hits import SearchHit
from conversation_genome.search.quoting import query_words, quote_by_meaning, quotes_by_words, words_found
from conversation_genome.vector_store.base import Level, Match, SearchFilter, VectorModel, VectorStore
from conversation_genome.vector_store.by_model import VectorStores
from conversation_genome.vector_store.fusion import fuse

MAX_QUERY_CHARACTERS: Final = 1_000
MAX_HITS: Final = 1_000
MIN_SIMILARITY: Final = 0.25
"""Cosine on MiniLM's scale below which a record is not near in meaning: unrelated texts have about 0.1."""
TAG_SIMILARITY: Final = 0.45
"""Cosine on that scale from which a tag is named as a reason."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: the text, its vector by model, and its words by the term under which each is looked up."""

    text: str
    vectors: Mapping[VectorModel, FloatArray]
    words: Mapping[str, str]


class Searcher:
    """Finds conversations in the stores of all models; a query is plain words, never a language.

    The query is embedded with the model of each store that there is. Records of different models are not compared
    by their vectors: each is ranked by how near it is on the scale of its own model.
    """

    def __init__(self, stores: VectorStores, embedder: Embedder, *, min_similarity: float = MIN_SIMILARITY) -> None:
        self._stores = stores
        self._embedder = embedder
        self._min_similarity = min_similarity

    def search(self, query: str, limit: int = 10, *, filters: SearchFilter | None = None) -> list[SearchHit]:
        """Return the conversations that answer a query, best first.

        Raises:
            QueryError: If the query is empty or too long, or the limit is not in 1 to 1,000.
            VectorModelError: If a store's vectors are of a model that is not at hand.
            VectorStoreError: If a store cannot be read.
        """
        stores = self._stores.every()
        checked = self._checked(query, limit, [store.model for store in stores if store.model is not None])
        found = [self._matches(store, checked, filters or SearchFilter(), depth=5 * limit) for store in stores]
        scores = self._scores(found)
        best = sorted(scores, key=lambda key: (-scores[key], key))[:limit]
        by_conversation = _by_conversation(found)
        return [self._hit(checked, scores[key], by_conversation[key]) for key in best]

    def _checked(self, text: str, limit: int, models: Sequence[VectorModel]) -> Query:
        text = text.strip()
        if not text:
            raise QueryError("the query is empty; give a few words")
        if len(text) > MAX_QUERY_CHARACTERS:
            raise QueryError(f"the query has {len(text):,} characters, at most {MAX_QUERY_CHARACTERS:,} are read")
        if not 1 <= limit <= MAX_HITS:
            raise QueryError(f"the limit must be from 1 to {MAX_HITS:,}, not {limit}")
        vectors = {model: self._reader(model).embed([text])[0] for model in models}
        return Query(text, vectors, query_words(text))

    def _reader(self, model: VectorModel) -> Embedder:
        embedder = embedder_of(self._embedder, model.name, model.revision)
        if embedder is None:
            raise VectorModelError(
                f"the store holds vectors of {model.name}@{model.revision[:12]}, the query would be embedded with "
                f"{self._embedder.model.name}@{self._embedder.model.revision[:12]}; use the store's model"
            )
        return embedder

    def _matches(
        self, store: VectorStore, query: Query, filters: SearchFilter, *, depth: int
    ) -> dict[Level, list[Match]]:
        """Return what one store finds on each level, how near it is on the scale that all models share."""
        if store.model is None:
            return {}
        wanted = filters.levels or frozenset(Level)
        return {
            level: [
                _on_shared_scale(match, level)
                for match in store.search(
                    query.vectors[store.model],
                    query.text,
                    filters=replace(filters, levels=frozenset({level})),
                    limit=max(depth, 50),
                )
            ]
            for level in Level
            if level in wanted
        }

    def _scores(self, found: Sequence[Mapping[Level, Sequence[Match]]]) -> dict[str, float]:
        """Return each conversation's fused score: its rank by its best record, by meaning and by words, on each level.

        How rare a word is differs from store to store, so words are ranked in each and the ranks taken in turns.
        """
        rankings = []
        for level in Level:
            of_level = [matches.get(level, ()) for matches in found]
            every = [match for matches in of_level for match in matches]
            near = [match for match in every if (match.similarity or 0.0) >= self._min_similarity]
            rankings.append(_ranking(near, lambda match: match.similarity or 0.0))
            worded = [[match for match in matches if match.word_score > 0] for matches in of_level]
            rankings.append(_in_turns([_ranking(matches, lambda match: match.word_score) for matches in worded]))
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
        if not texts:
            return ()
        model = (best or whole[0]).record.model
        return quote_by_meaning(texts[0], query.vectors[model], self._reader(model))

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


def _in_turns(rankings: Sequence[Sequence[str]]) -> list[str]:
    """Return the first of each ranking, then the second of each, and so on."""
    return [key for keys in zip_longest(*rankings) for key in keys if key is not None]


def _on_shared_scale(match: Match, level: Level) -> Match:
    """Return a match with the cosine that MiniLM would have had."""
    if match.similarity is None:
        return match
    model = match.record.model
    scale = scale_of(EmbeddingModel(name=model.name, revision=model.revision, dimensions=model.dimensions))
    carry = scale.carried_names if level is Level.TAG else scale.carried_passages
    return replace(match, similarity=float(carry(np.array(match.similarity))))


def _by_conversation(found: Sequence[Mapping[Level, Sequence[Match]]]) -> dict[str, dict[Level, list[Match]]]:
    by_conversation: dict[str, dict[Level, list[Match]]] = defaultdict(dict)
    for level, matches in ((level, matches) for of_store in found for level, matches in of_store.items()):
        for match in matches:
            by_conversation[match.record.conversation_id].setdefault(level, []).append(match)
    return by_conversation

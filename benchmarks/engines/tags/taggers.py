"""The taggers that are compared: ours, YAKE, KeyBERT, TF-IDF; each gives the same number of tags."""

from collections.abc import Callable, Sequence

import numpy as np
import yake
from keybert import KeyBERT
from keybert.backend import BaseEmbedder
from sklearn.feature_extraction.text import TfidfVectorizer

from benchmarks.engines.tags.talks import Labelled
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.base import Engine

TAGS = 10
Tagger = Callable[[Sequence[Labelled]], list[list[str]]]


class _Backend(BaseEmbedder):  # type: ignore[misc]
    """KeyBERT with the vectors that everyone here gets."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder

    def embed(self, documents: Sequence[str], verbose: bool = False) -> np.ndarray:  # noqa: ARG002, FBT001, FBT002
        return self._embedder.embed(list(documents))


def ours(engine: Engine) -> Tagger:
    return lambda talks: [[tag.text for tag in engine.annotate(one.talk, max_tags=TAGS).tags] for one in talks]


def by_yake(talks: Sequence[Labelled]) -> list[list[str]]:
    extractor = yake.KeywordExtractor(lan="en", n=3, top=TAGS)
    return [[text for text, _ in extractor.extract_keywords(one.text)] for one in talks]


def by_keybert(embedder: Embedder | str, *, has_mmr: bool = True) -> Tagger:
    """Return KeyBERT on one- and two-word n-grams, diversified by MMR of .5 or not; a name loads sentence-transformers."""
    model = KeyBERT(model=_Backend(embedder) if not isinstance(embedder, str) else embedder)

    def tag(talks: Sequence[Labelled]) -> list[list[str]]:
        return [
            [
                text
                for text, _ in model.extract_keywords(
                    one.text,
                    keyphrase_ngram_range=(1, 2),
                    stop_words="english",
                    use_mmr=has_mmr,
                    diversity=0.5,
                    top_n=TAGS,
                )
            ]
            for one in talks
        ]

    return tag


def by_tfidf(talks: Sequence[Labelled]) -> list[list[str]]:
    vectorizer = TfidfVectorizer(ngram_range=(1, 2), stop_words="english", max_df=0.5, sublinear_tf=True)
    weights = vectorizer.fit_transform([one.text for one in talks]).tocsr()
    names = vectorizer.get_feature_names_out()
    tops = [np.argsort(-weights[row].toarray()[0])[:TAGS] for row in range(len(talks))]
    return [[str(names[place]) for place in top] for top in tops]

"""`python -m benchmarks.search.overhead CACHE FOLDER`: what the Searcher adds to the store's own search, in one run.

CACHE is what `python -m benchmarks.vector_store.corpus` made; FOLDER keeps the store of its first windows, with a conversation
and two tags for every hundred of them. Vectors of the questions are given, so that no model is waited for.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.vector_store.corpus import MODEL, WINDOWS_A_TALK, Corpus, load
from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.search.framing import content_of
from conversation_genome.search.query import as_words
from conversation_genome.search.searcher import Searcher
from conversation_genome.vector_store.base import Level, SearchFilter, VectorRecord, VectorStore
from conversation_genome.vector_store.by_model import LanceVectorStores

BATCH: Final = 10_000
WARM_UP: Final = 5
TALK_CHARACTERS: Final = 60_000


class GivenVectors:
    """An embedder of questions whose vectors are known."""

    model = EmbeddingModel(name=MODEL.name, revision=MODEL.revision, dimensions=MODEL.dimensions)

    def __init__(self, known: dict[str, FloatArray]) -> None:
        self._known = known

    def embed(self, texts: Sequence[str]) -> FloatArray:
        """Return the vectors; that of any other text is that of the first question."""
        some = next(iter(self._known.values()))
        return np.stack([self._known.get(text, some) for text in texts])


def main() -> None:
    """Print medians and 95th percentiles in milliseconds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--windows", type=int, default=100_000)
    parser.add_argument("--queries", type=int, default=60)
    options = parser.parse_args()
    corpus = load(options.cache, options.windows)
    stores = LanceVectorStores(options.folder, main=MODEL)
    store = stores.of(MODEL)
    if store.model is None:
        fill(store, corpus, options.windows)
    questions = [as_words(text) for text in corpus.questions[: options.queries + WARM_UP]]
    vectors = corpus.question_vectors[: len(questions)]
    known = {content_of(text): vector for text, vector in zip(questions, vectors, strict=True)}
    searcher = Searcher(stores, GivenVectors(known))
    seconds = measured(store, searcher, questions, vectors)
    raw = np.median(seconds["store"])
    for name, each in seconds.items():
        median, high = 1e3 * np.quantile(each, [0.5, 0.95])
        print(f"| {name} | {median:.1f} | {high:.1f} | {np.median(each) / raw:.2f} |")


def fill(store: VectorStore, corpus: Corpus, windows: int) -> None:
    """Write the windows, their talks and the tags of these."""
    for start in range(0, windows, BATCH):
        records = corpus.records(start, start + BATCH)
        talks = [records[place : place + WINDOWS_A_TALK] for place in range(0, len(records), WINDOWS_A_TALK)]
        store.upsert([*records, *(record for talk in talks for record in above(talk))])
    store.refresh()


def above(talk: Sequence[VectorRecord]) -> list[VectorRecord]:
    """Return a talk's record and those of its tags."""
    mean = np.mean([record.vector for record in talk], axis=0)
    text = "\n".join(record.text for record in talk)[:TALK_CHARACTERS]
    vector: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    whole = replace(talk[0], level=Level.CONVERSATION, part="", text=text, vector=vector)
    tags = [
        replace(talk[0], level=Level.TAG, part=tag, text=tag, vector=record.vector)
        for tag, record in zip(talk[0].tags, talk, strict=False)
    ]
    return [whole, *tags]


def measured(
    store: VectorStore, searcher: Searcher, questions: Sequence[str], vectors: FloatArray
) -> dict[str, list[float]]:
    """Return the seconds of each way, asked by turns."""
    windows = SearchFilter(levels=frozenset({Level.WINDOW}))
    seconds: dict[str, list[float]] = {}
    for text, vector in zip(questions, vectors, strict=True):
        ways: dict[str, Callable[[], object]] = {
            "store": lambda vector=vector, text=text: store.search(vector, text, filters=windows, limit=10),  # type: ignore[misc]
            "search": lambda text=text: searcher.page(text),  # type: ignore[misc]
            "search again": lambda text=text: searcher.page(text),  # type: ignore[misc]
        }
        for name, ask in ways.items():
            started = time.perf_counter()
            ask()
            seconds.setdefault(name, []).append(time.perf_counter() - started)
    return {name: each[WARM_UP:] for name, each in seconds.items()}


if __name__ == "__main__":
    main()

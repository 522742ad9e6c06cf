"""`python -m benchmarks.search.overhead CACHE FOLDER`: what the Searcher adds to the engines under it, in one run.

The raw engine is FAISS and LanceDB asked by hand for the ten best windows by words and by meaning: the same level, the same
depth, the texts of the winners (`benchmarks.vector_store.raw`). The Searcher does more in its time: it also ranks conversations, tags and
participants, folds near-copies, and shows lines, marks and reasons.

CACHE is what `python -m benchmarks.vector_store.corpus` made; FOLDER keeps the store of its first windows, with a conversation
and two tags for every hundred of them. Vectors of the questions are given, so that no model is waited for.
"""

import argparse
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from benchmarks.vector_store.corpus import MODEL, WINDOWS_A_TALK, Corpus, load
from benchmarks.vector_store.raw import Raw
from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.role import leave_what_is_loaded
from conversation_genome.search.framing import content_of
from conversation_genome.search.query import as_words
from conversation_genome.search.searcher import Searcher
from conversation_genome.vector_store.base import Level, SearchFilter, VectorRecord, VectorStore
from conversation_genome.vector_store.by_model import LanceVectorStores

BATCH: Final = 10_000
WARM_UP: Final = 10
TALK_CHARACTERS: Final = 60_000


class Spent(NamedTuple):
    """What a question took, in seconds."""

    wall: float
    processor: float


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
    """Print medians and 95th percentiles in milliseconds, of the processor and of the clock."""
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
    leave_what_is_loaded()  # as every role does
    spent = measured(store, searcher, Raw(options.folder), questions, vectors)
    by_hand = np.median(spent["engines by hand"], axis=0)
    print(
        f"load {os.getloadavg()[0]:.1f}; processor ms p50 | wall ms p50 | p95 | processor, wall over the engines by hand"
    )
    for name, each in spent.items():
        wall, processor = np.median(each, axis=0)
        high = np.quantile(each, 0.95, axis=0)[0]
        ratios = f"{processor / by_hand[1]:.2f} | {wall / by_hand[0]:.2f}"
        print(f"| {name} | {1e3 * processor:.1f} | {1e3 * wall:.1f} | {1e3 * high:.1f} | {ratios} |")


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
    store: VectorStore, searcher: Searcher, raw: Raw, questions: Sequence[str], vectors: FloatArray
) -> dict[str, list[Spent]]:
    """Return what each way took, asked by turns."""
    windows = SearchFilter(levels=frozenset({Level.WINDOW}))
    spent: dict[str, list[Spent]] = {}
    for text, vector in zip(questions, vectors, strict=True):
        ways: dict[str, Callable[[], object]] = {
            "engines by hand": lambda vector=vector, text=text: raw.hybrid(vector, text),  # type: ignore[misc]
            "store": lambda vector=vector, text=text: store.search(vector, text, filters=windows, limit=10),  # type: ignore[misc]
            "search": lambda text=text: searcher.page(text),  # type: ignore[misc]
            "search again": lambda text=text: searcher.page(text),  # type: ignore[misc]
        }
        for name, ask in ways.items():
            started, processor = time.perf_counter(), time.process_time()
            ask()
            spent.setdefault(name, []).append(Spent(time.perf_counter() - started, time.process_time() - processor))
    return {name: each[WARM_UP:] for name, each in spent.items()}


if __name__ == "__main__":
    main()

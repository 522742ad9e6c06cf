"""`python -m benchmarks.search.quality`: nDCG@10 of words, of vectors and of both, over the windows of all meetings.

Every ranking comes from the product: words and vectors from the store alone, the hybrid from the Searcher. Weights were
tuned on the meetings with even numbers; the others were looked at only to report.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.meetings import Judged, Key, judged, meetings, merged
from benchmarks.search.remembering import RememberingEmbedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.search.indexing import vector_model, vector_records
from conversation_genome.search.query import as_words
from conversation_genome.search.searcher import Searcher
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.vector_store.base import Level, SearchFilter, VectorStore
from conversation_genome.vector_store.by_model import LanceVectorStores, replace

DEPTH: Final = 10
RESAMPLES: Final = 10_000
WINDOWS: Final = SearchFilter(levels=frozenset({Level.WINDOW}))
FloatArray = NDArray[np.float64]


def ndcg(order: Sequence[Key], grades: dict[Key, int]) -> float:
    """Return the normalised discounted cumulative gain of the first ten, gains 2**grade - 1.

    Järvelin and Kekäläinen, ACM TOIS 20(4), 2002, in the form of Burges et al., ICML 2005.
    """
    discounts = 1 / np.log2(np.arange(2, DEPTH + 2))
    gains = [2.0 ** grades.get(key, 0) - 1 for key in order[:DEPTH]]
    best = sorted((2.0**grade - 1 for grade in grades.values()), reverse=True)[:DEPTH]
    return float(np.dot(gains, discounts[: len(gains)]) / np.dot(best, discounts[: len(best)]))


def bootstrap(ours: FloatArray, theirs: FloatArray) -> dict[str, float]:
    """Return the mean gain, its 95 % interval and the share of resamples without a gain (paired, over queries)."""
    differences = ours - theirs
    drawn = np.random.default_rng(7).integers(0, len(differences), size=(RESAMPLES, len(differences)))
    means = differences[drawn].mean(axis=1)
    low, high = np.quantile(means, [0.025, 0.975])
    return {"gain": float(differences.mean()), "low": float(low), "high": float(high), "p": float((means <= 0).mean())}


def rankings(
    store: VectorStore, searcher: Searcher, embedder: RememberingEmbedder
) -> dict[str, Callable[[str], list[Key]]]:
    """Return the ways to rank windows for a query."""

    def of_store(text: str, *, words: bool, vector: bool) -> list[Key]:
        matches = store.search(
            embedder.embed([text])[0] if vector else None, text if words else "", filters=WINDOWS, limit=DEPTH
        )
        return [(match.record.conversation_id, match.record.part) for match in matches]

    return {
        "BM25": lambda text: of_store(text, words=True, vector=False),
        "vectors": lambda text: of_store(text, words=False, vector=True),
        "both by plain RRF": lambda text: of_store(text, words=True, vector=True),
        "search": lambda text: [key for key, _ in searcher.passages(text, DEPTH)],
    }


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=PROJECT_ROOT / "models")
    parser.add_argument("--vectors", type=Path, help="a file that keeps the vectors for the next run")
    options = parser.parse_args()
    embedder = RememberingEmbedder(OnnxEmbedder(options.models), options.vectors)
    rows = meetings()
    queries = judged(rows)
    with tempfile.TemporaryDirectory() as folder:
        stores = LanceVectorStores(Path(folder), main=vector_model(embedder.model))
        for row in rows:
            replace(stores, row["id"], vector_records(merged(row), embedder))
        [store] = stores.every()
        store.refresh()
        ways = rankings(store, Searcher(stores, embedder), embedder)
        print(json.dumps(report(queries, ways), indent=2))
    embedder.save()


def report(queries: Sequence[Judged], ways: dict[str, Callable[[str], list[Key]]]) -> dict[str, object]:
    """Return the means by half, and what the search gains over each other way."""
    scores = {
        name: np.array([ndcg(rank(as_words(query.text)), query.grades) for query in queries])
        for name, rank in ways.items()
    }
    is_tuned = np.array([query.meeting % 2 == 0 for query in queries])
    halves = {"tuned on": is_tuned, "reported": ~is_tuned, "all": np.ones(len(queries), bool)}
    return {
        "queries": {name: int(half.sum()) for name, half in halves.items()},
        "ndcg@10": {
            way: {name: round(float(each[half].mean()), 4) for name, half in halves.items()}
            for way, each in scores.items()
        },
        "gain": {
            way: {name: bootstrap(scores["search"][half], each[half]) for name, half in halves.items()}
            for way, each in scores.items()
            if way != "search"
        },
    }


if __name__ == "__main__":
    main()

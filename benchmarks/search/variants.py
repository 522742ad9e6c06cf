"""`python -m benchmarks.search.variants`: nDCG@10 by meaning alone, for several ways to make a window's vector.

Every line is embedded once (`--vectors` keeps that); the text of each window as one costs ten minutes more and is asked
for by `--whole-text`.
"""

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.search.meetings import Key, judged, meetings, spans, window_id
from benchmarks.search.quality import ndcg
from benchmarks.search.remembering import RememberingEmbedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.vector_store.terms import terms

Array = NDArray[np.float64]
Weigh = Callable[[Sequence[str]], Array]
BESIDE: Final = 3
_EACH: Final = 1e-3
"""Keeps a window of nothing but stop words from having no vector."""


def _equal(lines: Sequence[str]) -> Array:
    return np.ones(len(lines))


def _by_root(lines: Sequence[str]) -> Array:
    return np.array([np.sqrt(len(set(terms(line)))) + _EACH for line in lines])


def _by_count(lines: Sequence[str]) -> Array:
    return np.array([len(set(terms(line))) + _EACH for line in lines])


def main() -> None:
    """Print the figures as Markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=PROJECT_ROOT / "models")
    parser.add_argument("--vectors", type=Path, help="a file that keeps the vectors for the next run")
    parser.add_argument("--whole-text", action="store_true")
    options = parser.parse_args()
    embedder = RememberingEmbedder(OnnxEmbedder(options.models), options.vectors)
    rows = meetings()
    texts = [[text for _, text in row["lines"]] for row in rows]
    lines = [embedder.embed(each).astype(np.float64) for each in texts]
    ways: dict[str, Callable[[Array], Array]] = {
        "mean of the lines": _near(_windows(texts, lines, _equal, 0)),
        "mean, weighed by the number of terms": _near(_windows(texts, lines, _by_count, 0)),
        "mean, weighed by its square root": _near(_windows(texts, lines, _by_root, 0)),
        "the same, three lines on each side at half weight (chosen)": _near(_windows(texts, lines, _by_root, BESIDE)),
        "best line (no vector of its own)": lambda query: _best_line(lines, query),
    }
    if options.whole_text:
        whole = [
            "\n".join(line for line in each[start:end] if line) or "x"
            for each in texts
            for start, end in spans(len(each))
        ]
        ways["text of the window as one"] = _near(embedder.embed(whole).astype(np.float64))
    embedder.save()
    _print(rows, ways, embedder)


def _print(
    rows: Sequence[dict[str, Any]], ways: dict[str, Callable[[Array], Array]], embedder: RememberingEmbedder
) -> None:
    keys = np.array(
        [(row["id"], window_id(2, *span)) for row in rows for span in spans(len(row["lines"]))], dtype=object
    )
    queries = judged(rows)
    vectors = embedder.embed([query.text for query in queries]).astype(np.float64)
    is_tuned = np.array([query.meeting % 2 == 0 for query in queries])
    print("| a window's vector | tuned on | reported | all |\n|---|---|---|---|")
    for name, similarities in ways.items():
        orders = (np.argsort(-similarities(vector), kind="stable")[:10] for vector in vectors)
        found = [[_key(keys[place]) for place in order] for order in orders]
        scores = np.array([ndcg(order, query.grades) for order, query in zip(found, queries, strict=True)])
        print(f"| {name} | {scores[is_tuned].mean():.3f} | {scores[~is_tuned].mean():.3f} | {scores.mean():.3f} |")


def _key(pair: Sequence[str]) -> Key:
    return pair[0], pair[1]


def _near(windows: Array) -> Callable[[Array], Array]:
    return lambda query: windows @ query


def _windows(texts: Sequence[Sequence[str]], lines: Sequence[Array], weigh: Weigh, beside: int) -> Array:
    found = []
    for said, vectors in zip(texts, lines, strict=True):
        weights = weigh(said)
        for start, end in spans(len(said)):
            first, last = max(0, start - beside), min(len(said), end + beside)
            share = np.array([1.0 if start <= place < end else 0.5 for place in range(first, last)])
            found.append((weights[first:last] * share) @ vectors[first:last])
    windows = np.array(found)
    unit: Array = windows / np.linalg.norm(windows, axis=1, keepdims=True)
    return unit


def _best_line(lines: Sequence[Array], query: Array) -> Array:
    near = [vectors @ query for vectors in lines]
    return np.array([each[start:end].max() for each in near for start, end in spans(len(each))])


if __name__ == "__main__":
    main()

"""`python -m benchmarks.vector_store CACHE`: what a search in a folder's store costs, beside the engines under it by hand.

CACHE is what `python -m benchmarks.vector_store.corpus CACHE` filled. The store is filled through `upsert` where there is none
yet, ten thousand records at a time. Each query is asked of the library and then of FAISS and LanceDB directly, which do no
more than it takes: the graph, the vectors of fifty rows, the words, the columns of ten winners.
"""

import argparse
import json
import os
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.vector_store import corpus
from benchmarks.vector_store.engines import TOP, exact, recall
from benchmarks.vector_store.raw import Raw
from conversation_genome.role import leave_what_is_loaded
from conversation_genome.vector_store.base import Level, Match, SearchFilter
from conversation_genome.vector_store.lance import LanceVectorStore

BATCH: Final = 10_000
WINDOWS: Final = SearchFilter(levels=frozenset({Level.WINDOW}))
ONE: Final = SearchFilter(levels=frozenset({Level.WINDOW}), tag="subject 7")
TWENTY: Final = SearchFilter(levels=frozenset({Level.WINDOW}), tag="group 3")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--windows", type=int, default=1_000_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--store", type=Path, help="folder of the store; default: in CACHE")
    chosen = parser.parse_args()
    known = corpus.load(chosen.cache, chosen.windows)
    folder = chosen.store or chosen.cache / f"store_{chosen.windows}"
    store = LanceVectorStore(folder)
    if store.count() < chosen.windows:
        fill(store, known, chosen.windows)
    leave_what_is_loaded()  # as every role does
    measure(store, Raw(folder), known, chosen.cache, chosen.queries)


def fill(store: LanceVectorStore, known: corpus.Corpus, windows: int) -> None:
    """Write the windows and build the indices, and tell how long each took."""
    seconds = 0.0
    for start in range(store.count(), windows, BATCH):
        records = known.records(start, min(windows, start + BATCH))
        started = time.perf_counter()
        store.upsert(records)
        seconds += time.perf_counter() - started
    tell("upsert", rows_per_second=round(windows / seconds))
    started = time.perf_counter()
    store.refresh()
    tell("refresh", seconds=round(time.perf_counter() - started), peak_mb=peak_mb())


def measure(store: LanceVectorStore, raw: Raw, known: corpus.Corpus, cache: Path, count: int) -> None:
    """Ask each question of both, one after the other."""
    vectors, windows = known.queries[:count], len(known.vectors)
    kinds: dict[str, tuple[Callable[[int], Any], Callable[[int], Any] | None, int | None]] = {
        "vector": (
            lambda number: store.search(vectors[number], filters=WINDOWS, limit=TOP),
            lambda number: raw.vector(vectors[number]),
            0,
        ),
        "words": (
            lambda number: store.search(None, known.query_text(number), filters=WINDOWS, limit=TOP),
            lambda number: raw.hybrid(None, known.query_text(number)),
            None,
        ),
        "hybrid": (
            lambda number: store.search(vectors[number], known.query_text(number), filters=WINDOWS, limit=TOP),
            lambda number: raw.hybrid(vectors[number], known.query_text(number)),
            None,
        ),
        "vector, 1 % pass": (lambda number: store.search(vectors[number], filters=ONE, limit=TOP), None, 1),
        "vector, 20 % pass": (lambda number: store.search(vectors[number], filters=TWENTY, limit=TOP), None, 20),
        "hybrid, 20 % pass": (
            lambda number: store.search(vectors[number], known.query_text(number), filters=TWENTY, limit=TOP),
            None,
            None,
        ),
    }
    for kind, (ours, theirs, share) in kinds.items():
        truth = None if share is None else exact(cache, windows, share or None)
        compare(kind, ours, theirs, truth, count)


def compare(
    kind: str,
    ours: Callable[[int], list[Match]],
    theirs: Callable[[int], Any] | None,
    truth: NDArray[np.int64] | None,
    count: int,
) -> None:
    """Print the times of both, and the recall of ours."""
    for number in range(5):
        ours(number)
        if theirs is not None:
            theirs(number)
    found, own, other = [], [], []
    processor = 0.0
    for number in range(count):
        started, spent = time.perf_counter(), time.process_time()
        matches = ours(number)
        own.append(time.perf_counter() - started)
        processor += time.process_time() - spent
        found.append([number_of(match) for match in matches])
        if theirs is not None:
            started = time.perf_counter()
            theirs(number)
            other.append(time.perf_counter() - started)
    told: dict[str, Any] = {"ours_ms": quantiles(own), "processor_ms": round(1e3 * processor / count, 1)}
    if other:
        ratio = float(np.median(own) / np.median(other))
        told |= {"by_hand_ms": quantiles(other), "ratio_of_medians": round(ratio, 2)}
    if truth is not None:
        told["recall_at_10"] = round(recall(np.array(found), truth[:count]), 3)
    tell(kind, **told)


def number_of(match: Match) -> int:
    """Return the number of a window of the corpus."""
    talk, part = match.record.conversation_id, match.record.part
    return int(talk.removeprefix("talk-")) * corpus.WINDOWS_A_TALK + int(part.removeprefix("2-"))


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Return the tenth, fiftieth and ninety-fifth percentile in milliseconds."""
    return {f"p{each}": round(float(1e3 * np.percentile(seconds, each)), 1) for each in (10, 50, 95)}


def peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def tell(what: str, **figures: Any) -> None:
    print(json.dumps({"what": what, **figures, "load": round(os.getloadavg()[0], 1)}), flush=True)


if __name__ == "__main__":
    main()

# ruff: noqa: PLC0415 - an engine is imported where it is measured: in a process of its own, and only if it is there
"""`python -m benchmarks.vector_store.engines CACHE --windows 100000 faiss_hnsw_sq8 …`: raw engines on the same windows.

Each engine runs in a process of its own on two threads at most for the build and one for the queries, and tells one
line: seconds to build, bytes on disk, peak memory, and for each breadth of search the recall@10 against exact and the time of
a query, without a filter and with filters that let one and twenty windows in a hundred pass.
"""

import argparse
import json
import multiprocessing
import resource
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.vector_store import corpus
from conversation_genome.vector_store.base import FloatArray

TOP: Final = 10
SHARES: Final = (1, 20)
QUERIES: Final = 400
Numbers = NDArray[np.int64]
Search = Callable[[FloatArray, NDArray[np.bool_] | None], Numbers]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="folder that benchmarks.vector_store.corpus filled")
    parser.add_argument("engines", nargs="+", choices=list(ENGINES))
    parser.add_argument("--windows", type=int, default=100_000)
    chosen = parser.parse_args()
    for engine in chosen.engines:
        context = multiprocessing.get_context("spawn")
        process = context.Process(target=_measure, args=(chosen.cache, engine, chosen.windows))
        process.start()
        process.join()


def exact(cache: Path, windows: int, share: int | None = None) -> Numbers:
    """Return the ten nearest of each query by looking at every window: shape (queries, 10); kept for the next time."""
    path = cache / f"exact_{windows}_{share or 'all'}.npy"
    if not path.is_file():
        known = corpus.load(cache, windows)
        np.save(path, nearest(known.vectors, known.queries[:QUERIES], passing(windows, share)))
    return np.load(path)


def nearest(vectors: FloatArray, queries: FloatArray, passes: NDArray[np.bool_] | None) -> Numbers:
    """Return the numbers of the ten nearest vectors that pass: shape (queries, 10)."""
    best = np.full((len(queries), TOP), -2.0, dtype=np.float32)
    found = np.zeros((len(queries), TOP), dtype=np.int64)
    for start in range(0, len(vectors), 50_000):
        scores = queries @ vectors[start : start + 50_000].T
        if passes is not None:
            scores[:, ~passes[start : start + 50_000]] = -2.0
        top = np.argpartition(-scores, TOP, axis=1)[:, :TOP]
        best = np.concatenate([best, np.take_along_axis(scores, top, axis=1)], axis=1)
        found = np.concatenate([found, top + start], axis=1)
        order = np.argsort(-best, axis=1)[:, :TOP]
        best, found = np.take_along_axis(best, order, axis=1), np.take_along_axis(found, order, axis=1)
    return found


def passing(windows: int, share: int | None) -> NDArray[np.bool_] | None:
    """Return which windows pass a filter of one or twenty in a hundred, as `Corpus.record` tags them."""
    if share is None:
        return None
    talks = np.arange(windows) // corpus.WINDOWS_A_TALK
    return talks % 100 == 7 if share == 1 else talks % 5 == 3


def recall(found: Numbers, expected: Numbers) -> float:
    """Return the mean share of the ten nearest that were found."""
    return float(np.mean([len(set(some) & set(all_)) / TOP for some, all_ in zip(found, expected, strict=True)]))


def timed(search: Search, queries: FloatArray, passes: NDArray[np.bool_] | None) -> tuple[Numbers, list[float]]:
    """Return what was found and the median and 95th percentile of milliseconds a query."""
    found, seconds = [], []
    for query in queries[:20]:
        search(query, passes)
    for query in queries:
        started = time.perf_counter()
        found.append(search(query, passes))
        seconds.append(time.perf_counter() - started)
    return np.array(found), [round(float(1e3 * np.percentile(seconds, each)), 2) for each in (50, 95)]


def _measure(cache: Path, engine: str, windows: int) -> None:
    known = corpus.load(cache, windows)
    truths = {share: exact(cache, windows, share) for share in (None, *SHARES)}
    folder = cache / "engines" / f"{engine}_{windows}"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.perf_counter()
    searches = ENGINES[engine](folder, known.vectors)
    name, search = next(searches)
    told: dict[str, Any] = {"engine": engine, "windows": windows, "build_s": round(time.perf_counter() - started, 1)}
    told["disk_mb"] = round(sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6)
    told["build_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    while name:
        for share in (None, *SHARES):
            found, milliseconds = timed(search, known.queries[:QUERIES], passing(windows, share))
            parts = [round(recall(found[half::2], truths[share][half::2]), 3) for half in (0, 1)]
            print(
                json.dumps(told | {"breadth": name, "share": share or 100, "recall": parts, "ms": milliseconds}),
                flush=True,
            )
        name, search = next(searches, ("", search))


def faiss_hnsw(
    kind: str, degree: int = 16, breadth: int = 64
) -> Callable[[Path, FloatArray], Iterator[tuple[str, Search]]]:
    """An HNSW graph of FAISS over quantised vectors; narrow filters are answered by reading all that pass."""

    def run(folder: Path, vectors: FloatArray) -> Iterator[tuple[str, Search]]:
        import faiss

        faiss.omp_set_num_threads(2)
        quantiser = getattr(faiss.ScalarQuantizer, f"QT_{kind}")
        index = faiss.IndexHNSWSQ(vectors.shape[1], quantiser, degree, faiss.METRIC_INNER_PRODUCT)
        index.hnsw.efConstruction = breadth
        index.train(vectors[:: max(1, len(vectors) // 50_000)])
        for start in range(0, len(vectors), 100_000):
            index.add(np.ascontiguousarray(vectors[start : start + 100_000]))
        faiss.write_index(index, str(folder / "index"))
        index = faiss.read_index(str(folder / "index"), faiss.IO_FLAG_MMAP_IFC)
        faiss.omp_set_num_threads(1)
        for width in (64, 128, 200, 300):

            def search(query: FloatArray, passes: NDArray[np.bool_] | None, width: int = width) -> Numbers:
                if passes is None:
                    options = faiss.SearchParametersHNSW(efSearch=width)
                    return index.search(query[None], TOP, params=options)[1][0]
                chosen = faiss.IDSelectorBitmap(np.packbits(passes, bitorder="little"))
                if passes.mean() < 0.05:
                    return index.storage.search(query[None], TOP, params=faiss.SearchParameters(sel=chosen))[1][0]
                options = faiss.SearchParametersHNSW(efSearch=width, sel=chosen)
                return index.search(query[None], TOP, params=options)[1][0]

            yield f"ef {width}", search

    return run


def faiss_ivf(folder: Path, vectors: FloatArray) -> Iterator[tuple[str, Search]]:
    """Inverted lists of FAISS over vectors of a byte a dimension."""
    import faiss

    faiss.omp_set_num_threads(2)
    lists = int(4 * len(vectors) ** 0.5)
    index = faiss.index_factory(vectors.shape[1], f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = 10
    index.train(np.ascontiguousarray(vectors[:: max(1, len(vectors) // (lists * 40))]))
    for start in range(0, len(vectors), 100_000):
        index.add(np.ascontiguousarray(vectors[start : start + 100_000]))
    faiss.write_index(index, str(folder / "index"))
    faiss.omp_set_num_threads(1)
    for probes in (16, 32, 64, 128):

        def search(query: FloatArray, passes: NDArray[np.bool_] | None, probes: int = probes) -> Numbers:
            options = faiss.SearchParametersIVF(nprobe=probes)
            if passes is not None:
                options.sel = faiss.IDSelectorBitmap(np.packbits(passes, bitorder="little"))
            return index.search(query[None], TOP, params=options)[1][0]

        yield f"{probes}/{lists} lists", search


def usearch(kind: str) -> Callable[[Path, FloatArray], Iterator[tuple[str, Search]]]:
    """An HNSW graph of usearch, memory-mapped; it cannot filter from Python, so more are asked and sifted."""

    def run(folder: Path, vectors: FloatArray) -> Iterator[tuple[str, Search]]:
        from usearch.index import Index

        index = Index(ndim=vectors.shape[1], metric="ip", dtype=kind, connectivity=16, expansion_add=64)
        for start in range(0, len(vectors), 100_000):
            part = np.ascontiguousarray(vectors[start : start + 100_000])
            index.add(np.arange(start, start + len(part)), part, threads=2)
        index.save(str(folder / "index"))
        index = Index.restore(str(folder / "index"), view=True)
        for width in (64, 128, 200, 300):

            def search(query: FloatArray, passes: NDArray[np.bool_] | None, width: int = width) -> Numbers:
                index.expansion_search = width
                if passes is None:
                    return index.search(query, TOP, threads=1).keys.astype(np.int64)
                asked = int(1.5 * TOP / passes.mean())
                keys = index.search(query, asked, threads=1).keys.astype(np.int64)
                kept = keys[passes[keys]][:TOP]
                return np.concatenate([kept, np.full(TOP - len(kept), -1)])

            yield f"ef {width}", search

    return run


def lance(kind: str) -> Callable[[Path, FloatArray], Iterator[tuple[str, Search]]]:
    """An index of LanceDB, with the columns of the filters indexed too."""

    def run(folder: Path, vectors: FloatArray) -> Iterator[tuple[str, Search]]:
        import lancedb
        import pyarrow as pa
        from lancedb.index import Bitmap, HnswSq, IvfPq, IvfRq, IvfSq

        numbers = np.arange(len(vectors))
        talks = numbers // corpus.WINDOWS_A_TALK
        table = lancedb.connect(folder).create_table("windows", schema=pa.schema([("number", pa.int64()), ("one", pa.int32()), ("twenty", pa.int32()), ("vector", pa.list_(pa.float32(), vectors.shape[1]))]))  # fmt: skip
        for start in range(0, len(vectors), 100_000):
            part = slice(start, start + 100_000)
            flat = pa.FixedSizeListArray.from_arrays(pa.array(vectors[part].ravel()), vectors.shape[1])
            table.add(pa.table({"number": numbers[part], "one": (talks[part] % 100).astype("i4"), "twenty": (talks[part] % 5).astype("i4"), "vector": flat}))  # fmt: skip
        table.create_index("one", config=Bitmap())
        table.create_index("twenty", config=Bitmap())
        lists = max(1, len(vectors) // 1_000)
        config, breadths = {
            "hnsw_sq": (HnswSq(distance_type="dot", num_partitions=1, m=16, ef_construction=100), [(1, 64, None), (1, 200, None), (1, 300, None)]),
            "pq": (IvfPq(distance_type="dot", num_partitions=lists, num_sub_vectors=96), [(32, None, 5), (64, None, 10)]),
            "rq": (IvfRq(distance_type="dot", num_partitions=lists), [(32, None, 10), (64, None, 20)]),
            "sq": (IvfSq(distance_type="dot", num_partitions=lists), [(32, None, None), (64, None, None)]),
        }[kind]  # fmt: skip
        table.create_index("vector", config=config)
        for probes, width, refined in breadths:

            def search(
                query: FloatArray, passes: NDArray[np.bool_] | None, options: Any = (probes, width, refined)
            ) -> Numbers:
                asked = table.search(query, vector_column_name="vector").distance_type("dot").nprobes(options[0])
                asked = asked.ef(options[1]) if options[1] else asked
                asked = asked.refine_factor(options[2]) if options[2] else asked
                if passes is not None:
                    asked = asked.where("one = 7" if passes.mean() < 0.1 else "twenty = 3")
                found = asked.select(["number", "_distance"]).limit(TOP).to_arrow()["number"].to_numpy()
                return np.concatenate([found, np.full(TOP - len(found), -1)])

            yield f"{probes} lists, ef {width}, refined {refined}", search

    return run


def pgvector(folder: Path, vectors: FloatArray) -> Iterator[tuple[str, Search]]:
    """HNSW over half precision in PostgreSQL, with iterative scans where a filter asks for them."""
    import psycopg

    from tests_ap.postgres import _server, new_database

    folder.rmdir()
    url = new_database().replace("+asyncpg", "")
    database = psycopg.connect(url, autocommit=True)
    database.execute("CREATE EXTENSION vector")
    dimensions = vectors.shape[1]
    database.execute(
        f"CREATE TABLE windows (number int PRIMARY KEY, one int, twenty int, vector halfvec({dimensions}))"
    )
    halves = vectors.astype(">f2")
    with database.cursor() as cursor, cursor.copy("COPY windows FROM STDIN (FORMAT binary)") as copy:
        copy.set_types([23, 23, 23, 17])  # three int4, and bytes that PostgreSQL reads as a halfvec
        head = np.array([dimensions, 0], dtype=">u2").tobytes()
        for number, half in enumerate(halves):
            talk = number // corpus.WINDOWS_A_TALK
            copy.write_row((number, talk % 100, talk % 5, head + half.tobytes()))
    database.execute("SET maintenance_work_mem = '3GB'")
    database.execute("SET max_parallel_maintenance_workers = 1")
    database.execute("CREATE INDEX ON windows (one)")
    database.execute("CREATE INDEX ON windows USING hnsw (vector halfvec_ip_ops) WITH (m = 16, ef_construction = 64)")
    database.execute("VACUUM ANALYZE windows")
    size = database.execute("SELECT pg_total_relation_size('windows')").fetchone()[0]
    folder.mkdir()
    with (folder / "size").open("wb") as file:
        file.truncate(size)
    database.execute("SET hnsw.iterative_scan = relaxed_order")
    database.execute("SET plan_cache_mode = force_generic_plan")
    for width in (64, 128, 200, 300):
        database.execute(f"SET hnsw.ef_search = {width}")

        def search(query: FloatArray, passes: NDArray[np.bool_] | None) -> Numbers:
            text = str(query.tolist())
            where = "" if passes is None else "WHERE one = 7" if passes.mean() < 0.1 else "WHERE twenty = 3"
            found = database.execute(f"SELECT number FROM windows {where} ORDER BY vector <#> %s::halfvec LIMIT {TOP}", [text]).fetchall()  # fmt: skip
            return np.array([row[0] for row in found] + [-1] * (TOP - len(found)))

        yield f"ef {width}", search
    database.close()
    _server()


ENGINES: Final[dict[str, Callable[[Path, FloatArray], Iterator[tuple[str, Search]]]]] = {
    "faiss_hnsw_sq8": faiss_hnsw("8bit"),
    "faiss_hnsw_bf16": faiss_hnsw("bf16"),
    "faiss_hnsw_sq8_32": faiss_hnsw("8bit", 32, 100),
    "faiss_ivf_sq8": faiss_ivf,
    "usearch_bf16": usearch("bf16"),
    "usearch_i8": usearch("i8"),
    "lance_hnsw_sq": lance("hnsw_sq"),
    "lance_ivf_pq": lance("pq"),
    "lance_ivf_sq": lance("sq"),
    "lance_ivf_rq": lance("rq"),
    "pgvector": pgvector,
}

if __name__ == "__main__":
    main()

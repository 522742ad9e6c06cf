"""Graphs beside a table stay in step with it: written to, deleted from, merged, damaged, or with a builder that is killed."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import numpy as np

from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.vector_store import health, lance
from conversation_genome.vector_store.base import Health, Level, SearchFilter
from conversation_genome.vector_store.exact import ExactVectorStore
from conversation_genome.vector_store.graph import neighbours
from conversation_genome.vector_store.graph.breadths import BREADTH, MAX_BREADTH, Breadths
from conversation_genome.vector_store.graph.files import GraphFiles
from conversation_genome.vector_store.graph.index import Chosen, Graph
from conversation_genome.vector_store.graph.saved import Saved
from conversation_genome.vector_store.graph.view import _rows_in
from conversation_genome.vector_store.lance import LanceVectorStore
from tests_ap.unit.vector_store.contract_records import record, vector_of

_BUILDER = """
import sys
from pathlib import Path
from unittest.mock import Mock
from conversation_genome.vector_store import health, lance_places
from conversation_genome.vector_store.graph import neighbours
from conversation_genome.vector_store.graph.saved import Saved
from conversation_genome.vector_store.graph.view import _rows_in
from conversation_genome.vector_store.lance import LanceVectorStore
from tests_ap.unit.vector_store.contract_records import record
neighbours.ROWS_WORTH_A_GRAPH, neighbours.NEW_SHARE = 3, 0.01
neighbours._log = health._log = lance_places._log = Mock()
name = sys.argv[2]
store = LanceVectorStore(Path(sys.argv[1]))
for number in range(10_000):
    store.upsert([record(f"{name}{number}", f"bread {number} {name} {part}", part=str(part)) for part in range(3)])
    print(number, flush=True)
    store.refresh()
"""


def talks(start, stop):
    return [
        record(f"c{n}", f"bread {n} tea {n * 7 % 100}", source=("chat", "podcast")[n % 2]) for n in range(start, stop)
    ]


class GraphsCase(unittest.TestCase):
    def setUp(self):
        for name, value in {"ROWS_WORTH_A_GRAPH": 50, "_log": mock.Mock()}.items():
            patch = mock.patch.object(neighbours, name, value)
            patch.start()
            self.addCleanup(patch.stop)
        self.path = Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.path, ignore_errors=True)
        self.store, self.exact = LanceVectorStore(self.path), ExactVectorStore()

    def write(self, records):
        for store in (self.store, self.exact):
            store.upsert(records)

    def delete(self, *names):
        for store in (self.store, self.exact):
            for name in names:
                store.delete(name)

    def graph(self):
        return self.store._neighbours._files.newest(Level.WINDOW)

    def assert_finds_the_same(self, store=None, filters=None):
        for query in ("bread 5 tea 35", "tea 77", "bread 120"):
            ours, theirs = (
                each.search(vector_of(query), filters=filters, limit=20) for each in (store or self.store, self.exact)
            )
            self.assertEqual([m.record.id for m in ours], [m.record.id for m in theirs], query)


class GraphsTest(GraphsCase):
    def test_there_is_none_as_long_as_it_does_not_pay(self):
        self.write(talks(0, 49))
        self.store.refresh()
        self.assertIsNone(self.graph())
        self.assertEqual(self.store.verify(), Health(records=49, recall=None, filtered_recall=None))

    def test_what_is_written_changed_deleted_and_merged_after_it_was_built_is_seen(self):
        self.write(talks(0, 100))
        self.store.refresh()
        built = self.graph()
        self.write(talks(100, 105))
        self.write([record("c5", "cold tea 35"), record("c7", "bread 5 tea 35")])
        self.delete("c8", "c77")
        self.assert_finds_the_same()
        self.store._merge_files()
        self.assert_finds_the_same()
        self.assert_finds_the_same(LanceVectorStore(self.path))
        self.assertEqual(self.graph(), built)

    def test_what_is_deleted_is_asked_for_in_every_search_only_until_the_next_refresh(self):
        self.write(talks(0, 100))
        self.store.refresh()
        built = self.graph()
        self.assert_finds_the_same()
        self.delete("c5", "c35")
        self.assert_finds_the_same()
        self.assertFalse(self.store._neighbours.view(self.store._table).is_whole)
        self.store.refresh()
        self.assertTrue(self.store._neighbours.view(self.store._table).is_whole)
        self.assert_finds_the_same()
        self.assertEqual(self.graph(), built)

    def test_it_grows_by_what_is_new_and_is_built_anew_when_much_is_gone(self):
        self.write(talks(0, 100))
        self.store.refresh()
        self.write(talks(100, 120))
        self.store.refresh()
        self.assert_finds_the_same()
        self.assertEqual(len(Saved.opened(self.graph()).stamps), 120)
        self.delete(*(f"c{n}" for n in range(40)))
        self.store.refresh()
        self.assert_finds_the_same()
        self.assertEqual(len(Saved.opened(self.graph()).stamps), 80)

    def test_filters_narrow_and_wide_find_the_same(self):
        self.write([*talks(0, 300), record("one", "bread 5", source="rare"), record("c1", level=Level.TAG, part="tea")])
        self.store.refresh()
        for filters in (
            SearchFilter(sources=frozenset({"rare"})),
            SearchFilter(sources=frozenset({"chat"}), levels=frozenset({Level.WINDOW})),
            SearchFilter(levels=frozenset({Level.TAG})),
            SearchFilter(levels=frozenset({Level.TAG, Level.WINDOW})),
            SearchFilter(sources=frozenset({"nobody's"})),
        ):
            self.assert_finds_the_same(filters=filters)

    def test_many_equal_vectors_share_a_place_and_hide_nothing(self):
        same = [record(f"same{n}", "bread and jam", source=("chat", "podcast")[n % 2]) for n in range(300)]
        self.write([*talks(0, 100), *same])
        self.store.refresh()
        self.assertLess(len(Saved.opened(self.graph()).vectors), 110)
        self.write([record("same new", "bread and jam"), *(record(f"more{n}", "bread and jam") for n in range(60))])
        self.store.refresh()
        self.assertLess(len(Saved.opened(self.graph()).vectors), 110)
        self.delete("same4", "same5", "more7")
        for filters in (None, SearchFilter(sources=frozenset({"podcast"}))):
            for limit in (10, 200, 500):
                for query in ("bread and jam", "bread 5 tea 35"):
                    ours, theirs = (
                        each.search(vector_of(query), filters=filters, limit=limit) for each in (self.store, self.exact)
                    )
                    self.assertEqual([m.record.id for m in ours], [m.record.id for m in theirs], (query, limit))

    def test_a_damaged_graph_is_left_aside_and_built_again(self):
        self.write(talks(0, 100))
        self.store.refresh()
        for name, damage in (
            ("graph.faiss", lambda whole: whole[:100]),
            ("graph.faiss", lambda whole: b"none" + whole[4:]),
            ("vectors.f4", lambda whole: whole[:-4]),
            ("facts.bin", lambda whole: b""),
            ("texts.bin", lambda whole: whole[1:]),
            ("ids.npy", lambda whole: b"none" + whole[4:]),
            ("sizes.json", lambda whole: whole[:5]),
        ):
            file = self.graph() / name
            damaged = damage(file.read_bytes())
            file.unlink()
            file.write_bytes(damaged)
            opened = LanceVectorStore(self.path)
            self.assert_finds_the_same(opened)
            self.assertIsNone(self.graph())
            opened.refresh()
            self.assert_finds_the_same(opened)
            self.assertIsNotNone(self.graph())

    def test_texts_that_are_not_beside_the_graph_are_read_from_the_table(self):
        self.write([*talks(0, 100), record("long", "bread " * 1_000)])
        self.store.refresh()
        self.write(talks(100, 102))
        texts = {match.record.id: match.record.text for match in self.exact.search(vector_of("bread"), limit=200)}
        folder = self.graph()
        file = folder / "texts.bin"
        for kept in (file.read_bytes(), bytes(file.stat().st_size), None):
            file.unlink()
            if kept is None:  # a graph of an earlier version
                (folder / "text_ends.npy").unlink()
                sizes = json.loads((folder / "sizes.json").read_text())
                old = {name: size for name, size in sizes.items() if not name.startswith("text")}
                (folder / "sizes.json").write_text(json.dumps(old))
            else:
                file.write_bytes(kept)
            opened = LanceVectorStore(self.path)
            found = opened.search(vector_of("bread"), limit=200)
            self.assertEqual({match.record.id: match.record.text for match in found}, texts)
            self.assertEqual(opened.texts(list(texts)), texts)
            self.assertEqual(self.graph(), folder)
        opened.search_levels(vector_of("bread 3"), limits={frozenset({Level.WINDOW}): 200})
        self.assertEqual(opened.texts(list(texts)), texts)
        opened.delete("c3")
        self.assertNotIn(record("c3").id, opened.texts(list(texts)))

    def test_it_is_built_beside_the_writers_without_being_asked_for(self):
        with mock.patch.multiple(lance, WRITES_BEFORE_REFRESH=2, ROWS_WORTH_A_GRAPH=50):
            self.write(talks(0, 60))
            self.write(talks(60, 100))
            deadline = time.monotonic() + 30
            while self.graph() is None and time.monotonic() < deadline:
                time.sleep(0.02)
            self.assertTrue(self.store._upkeep._is_running.acquire(timeout=30))
        self.assertIsNotNone(self.graph())
        self.assert_finds_the_same()

    def test_a_refresh_waits_for_the_one_that_runs_beside_it_and_leaves_nothing_out(self):
        self.write(talks(0, 60))
        running = self.store._upkeep._is_running
        running.acquire()
        refreshing = threading.Thread(target=self.store.refresh)
        refreshing.start()
        self.write(talks(60, 100))
        self.assertIsNone(self.graph())
        running.release()
        refreshing.join()
        self.assertEqual(len(Saved.opened(self.graph()).stamps), 100)

    def test_a_piece_of_which_nothing_is_left_has_no_row(self):
        self.write(talks(0, 100))
        self.store.refresh()
        self.write(talks(100, 105))
        [piece] = self.store._neighbours.view(self.store._table).tail
        self.assertEqual(_rows_in(piece.where(piece.addresses == 0), piece.addresses).tolist(), [-1] * 5)

    def test_of_two_builders_one_builds(self):
        self.write(talks(0, 100))
        with self.store._neighbours._files.turn() as is_mine:
            self.assertTrue(is_mine)
            LanceVectorStore(self.path).refresh()
            self.assertIsNone(self.graph())

    def test_its_recall_is_measured_after_it_was_built(self):
        self.write(talks(0, 100))
        self.store.refresh()
        measured = self.store.verify()
        self.assertGreaterEqual(min(measured.recall, measured.filtered_recall), 0.95)

    def test_what_was_measured_last_is_known_to_every_process_that_opens_the_folder(self):
        self.assertIsNone(self.store.verified())
        self.write(talks(0, 100))
        self.assertIsNone(self.store.verified())
        self.store.refresh()
        built = LanceVectorStore(self.path).verified()
        self.assertEqual(built.health, self.store.verify())
        self.assertLess(abs((datetime.now(UTC) - built.at).total_seconds()), 60)
        self.assertGreater(LanceVectorStore(self.path).verified().at, built.at)
        (self.path / "vectors.graph" / "verified.json").write_text("{")
        self.assertIsNone(LanceVectorStore(self.path).verified())
        self.assertIsNotNone(self.store.verified())

    def test_a_low_recall_is_a_warning_with_the_remedy(self):
        self.write(talks(0, 100))
        with (
            mock.patch.object(LanceVectorStore, "_cosines_near", return_value=[0.1]),
            mock.patch.object(health, "_log") as log,
        ):
            self.store.refresh()
        told = log.warning.call_args.kwargs
        self.assertLess(told["recall"], 0.95)
        self.assertIn("cgp db reindex", told["remedy"])

    def found_as_broadly_as(self, plain, filtered):
        """Let the graph find nothing by less broad a search than this."""

        def near(store, vector, filters, *, by=None):
            is_enough = by.plain >= plain if filters is None else by.filtered >= filtered
            return store._cosines_nearest(vector, filters) if is_enough else [0.1]

        return mock.patch.object(LanceVectorStore, "_cosines_near", near)

    def test_where_too_little_is_found_it_searches_more_broadly_in_every_process_and_warns_no_more(self):
        self.write(talks(0, 100))
        other = LanceVectorStore(self.path)
        self.assertEqual(other._neighbours._files.breadths, Breadths())
        with self.found_as_broadly_as(BREADTH, 2_000), mock.patch.object(health, "_log") as log:
            self.store.refresh()
        log.warning.assert_not_called()
        self.assertEqual(self.store.verified().health, Health(records=100, recall=1.0, filtered_recall=1.0))
        for store in (self.store, other, LanceVectorStore(self.path)):
            breadths = store._neighbours.view(store._table).breadths
            self.assertEqual(breadths.plain, BREADTH)
            self.assertGreaterEqual(breadths.filtered, 2_000)
            self.assert_finds_the_same(store, SearchFilter(sources=frozenset({"chat"})))

    def test_asked_how_it_does_it_mends_itself_and_no_more_than_is_bounded(self):
        self.write(talks(0, 100))
        self.store.refresh()
        with self.found_as_broadly_as(10 * MAX_BREADTH, BREADTH):
            self.assertEqual(self.store.verify(), Health(records=100, recall=0.0, filtered_recall=1.0))
        self.assertEqual(self.store._neighbours._files.breadths, Breadths(MAX_BREADTH, BREADTH))
        for nonsense in ("{", "[1, 10000000]", '["a", 3]', "[1]"):
            (self.path / "vectors.graph" / "breadths.json").write_text(nonsense)
            kept = GraphFiles(self.path / "vectors.graph").breadths
            self.assertTrue(BREADTH <= min(kept) <= max(kept) <= MAX_BREADTH, nonsense)


class NarrowAndWideTest(unittest.TestCase):
    def test_a_graph_finds_nearly_what_looking_at_all_finds_whatever_share_passes(self):
        random = np.random.default_rng(7)
        vectors = random.standard_normal((3_000, 64)).astype("f4")
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        graph = Graph.trained(vectors)
        graph.add(vectors)
        for share in (0.01, 0.04, 0.2, 0.6, 1.0):
            passes = random.random(3_000) < share
            for question in vectors[:20]:
                cosines = np.where(passes, vectors @ question, -2)
                expected = set(np.argsort(-cosines)[:10].tolist())
                found = set(graph.nearest(question, 50, Chosen(passes)).positions.tolist())
                self.assertGreaterEqual(len(found & expected), 9, share)


class KilledBuilderTest(GraphsCase):
    def test_two_processes_that_write_and_build_and_are_killed_lose_nothing_they_had_acknowledged(self):
        builders = [
            subprocess.Popen(
                [sys.executable, "-c", _BUILDER, str(self.path), name],
                cwd=PROJECT_ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            for name in ("a", "b")
        ]
        for builder in builders:
            for number in range(5):
                self.assertEqual(builder.stdout.readline(), f"{number}\n")
        time.sleep(0.05)  # into a refresh, as good as any
        for builder in builders:
            os.kill(builder.pid, signal.SIGKILL)
        acknowledged = {name: 5 + len(each.communicate()[0].split()) for name, each in zip("ab", builders, strict=True)}
        survivor = LanceVectorStore(self.path)
        for name, count in acknowledged.items():
            for number in range(count):
                self.assertEqual(len(survivor.records_of(f"{name}{number}")), 3)
        self.assertEqual(survivor.count() % 3, 0)
        survivor.refresh()
        self.assertEqual(len(survivor.search(vector_of("bread 3"), limit=500)), survivor.count())

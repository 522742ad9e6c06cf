"""Answers on disk: bounded, whole or not there, and never the reason for a failure."""

import multiprocessing
import stat
import tempfile
import unittest
from pathlib import Path

from conversation_genome.llm.cache import AnswerCache
from tests_ap.unit.llm.processes import MANY, put_many


class AnswerCacheTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "deep" / "answers.sqlite"

    def test_an_answer_is_found_by_its_key_alone(self) -> None:
        cache = AnswerCache(self.path, max_bytes=10_000)
        cache.put("a", "{}")
        self.assertEqual((cache.get("a"), cache.get("b")), ("{}", None))

    def test_the_file_stays_within_its_bound_and_the_newest_answers_stay(self) -> None:
        cache = AnswerCache(self.path, max_bytes=20_000)
        for number in range(40):
            cache.put(str(number), "x" * 1_000)
        self.assertIsNotNone(cache.get("39"))
        self.assertIsNone(cache.get("0"))
        self.assertLess(self.path.stat().st_size, 50_000)

    def test_an_answer_larger_than_the_bound_is_not_kept(self) -> None:
        cache = AnswerCache(self.path, max_bytes=500)
        cache.put("a", "x" * 1_000)
        self.assertIsNone(cache.get("a"))

    def test_processes_may_write_at_once(self) -> None:
        context = multiprocessing.get_context("spawn")
        writers = [context.Process(target=put_many, args=(str(self.path), name)) for name in "ab"]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join(60)
        cache = AnswerCache(self.path, max_bytes=10_000_000)
        found = [cache.get(f"{name}-{number}") for name in "ab" for number in range(MANY)]
        self.assertEqual(found, [name * 1_000 for name in "ab" for _ in range(MANY)])

    def test_a_damaged_file_costs_a_call_and_no_more(self) -> None:
        self.path.parent.mkdir()
        self.path.write_bytes(b"this is no database" * 100)
        cache = AnswerCache(self.path, max_bytes=10_000)
        cache.put("a", "{}")
        self.assertIsNone(cache.get("a"))

    def test_nobody_but_the_owner_may_read_what_models_said_of_people(self) -> None:
        AnswerCache(self.path, max_bytes=10_000).put("a", "{}")
        self.assertEqual(stat.S_IMODE(self.path.stat().st_mode), 0o600)


if __name__ == "__main__":
    unittest.main()

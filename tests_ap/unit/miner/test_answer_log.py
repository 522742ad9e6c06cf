"""The answer log is written whole lines at a time, and read while it grows."""

import json
import tempfile
import threading
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from conversation_genome.annotation import Tag
from conversation_genome.protocol.messages import MinerAnswer
from miner.answer_log import AnswerLog, AnswerLogReader, line_digests, task_digest
from tests_ap.unit.miner.tasks import LINES, a_task


def answer(text: str) -> MinerAnswer:
    return MinerAnswer(task_id="t", tags=(Tag(text=text),), engine="e")


class TestDigest(unittest.TestCase):
    @given(st.permutations(LINES))
    def test_it_is_the_same_for_the_same_lines_in_any_order(self, lines: list[tuple[int, str]]) -> None:
        self.assertEqual(task_digest(a_task(lines=lines)), task_digest(a_task(task_id="another")))

    def test_it_differs_for_other_lines(self) -> None:
        self.assertNotEqual(
            task_digest(a_task(lines=((0, "ab"), (0, "c")))), task_digest(a_task(lines=((0, "a"), (0, "bc"))))
        )


class TestAnswerLog(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = Path(folder.name) / "logs" / "answers.jsonl"
        self.log, self.reader = AnswerLog(self.path), AnswerLogReader(self.path)
        self.addCleanup(self.log.close)

    def find(self, task_lines: tuple[tuple[int, str], ...]) -> MinerAnswer | None:
        found = self.reader.wait_for(a_task(lines=task_lines), timeout_seconds=0, stop=threading.Event())
        return None if found is None else found.answer

    def test_an_entry_holds_digests_and_answer(self) -> None:
        self.log.append(a_task(), answer("bread"))
        entry = json.loads(self.path.read_text())
        lines = [list(line) for line in line_digests(a_task())]
        expected = {"digest": task_digest(a_task()), "lines": lines, "answer": answer("bread").model_dump(mode="json")}
        self.assertEqual(entry, expected)

    def test_the_same_window_with_another_line_left_out_is_found(self) -> None:
        self.log.append(a_task(lines=LINES[1:]), answer("bread"))
        self.assertEqual(self.find(LINES[:3]), answer("bread"))

    def test_of_two_tasks_the_one_with_more_common_lines_is_found(self) -> None:
        self.log.append(a_task(lines=LINES[:3]), answer("near"))
        self.log.append(a_task(lines=LINES[:2]), answer("far"))
        self.assertEqual(self.find(LINES), answer("near"))

    def test_a_window_that_shares_few_lines_is_not_found(self) -> None:
        self.log.append(a_task(lines=LINES[:2]), answer("bread"))
        self.assertIsNone(self.find((LINES[1], (0, "Something else."), (1, "And more of it."))))

    def test_what_is_appended_later_is_found_later(self) -> None:
        lines = [((0, f"window {number}"),) for number in range(2)]
        self.log.append(a_task(lines=lines[0]), answer("first"))
        self.assertEqual((self.find(lines[0]), self.find(lines[1])), (answer("first"), None))
        self.log.append(a_task(lines=lines[1]), answer("second"))
        self.assertEqual((self.find(lines[0]), self.find(lines[1])), (answer("first"), answer("second")))

    def test_a_line_that_is_not_whole_yet_is_read_when_it_is(self) -> None:
        self.log.append(a_task(), answer("bread"))
        whole = self.path.read_bytes()
        self.path.write_bytes(whole[:30])
        self.assertIsNone(self.find(LINES))
        self.path.write_bytes(whole)
        self.assertEqual(self.find(LINES), answer("bread"))

    def test_lines_that_are_no_entries_are_passed_over(self) -> None:
        self.path.write_bytes(b'rubbish\n[]\n{"digest": "x"}\n{"digest": [], "answer": {}}\n\xff\n')
        self.log.append(a_task(), answer("bread"))
        self.assertEqual(self.find(LINES), answer("bread"))

    def test_many_threads_write_whole_lines(self) -> None:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda number: self.log.append(a_task(), answer(f"tag {number}")), range(200)))
        rows = [json.loads(line) for line in self.path.read_text().splitlines()]
        self.assertEqual(len({row["answer"]["tags"][0]["text"] for row in rows}), 200)

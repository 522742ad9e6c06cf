"""An answer in time: whole, or what there is of it, and never one that nobody waits for any more."""

import asyncio
import threading
import unittest

from conversation_genome.annotation import Tag
from conversation_genome.errors import InputError, UnavailableError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from miner.answering import PART_THREADS, Answering
from miner.queue import ROUNDS_TO_LEARN
from tests_ap.unit.miner.tasks import a_task


class Reader:
    """Answers when the test lets it; a part at once."""

    concurrency = 1
    has_parts = True

    def __init__(self) -> None:
        self.may_answer = threading.Event()
        self.failure: Exception | None = None

    def answer(self, task: MinerTask) -> MinerAnswer:
        self.may_answer.wait(20)
        if self.failure is not None:
            raise self.failure
        return MinerAnswer(task_id=task.task_id, tags=(Tag(text="whole"),), engine="whole/1")

    def part(self, task: MinerTask) -> MinerAnswer:
        return MinerAnswer(task_id=task.task_id, tags=(Tag(text="part"),), engine="part/1")

    def close(self) -> None:
        self.may_answer.set()


class InTime(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.reader = Reader()
        self.answering = Answering(self.reader, room=8)
        self.addCleanup(self.answering.close)
        self.addCleanup(self.reader.close)

    async def text(self, seconds: float = 1.0, stake: float = 1.0) -> tuple[str, bool]:
        made = await self.answering.answer(a_task(timeout_seconds=seconds), stake=stake)
        assert isinstance(made.answer, MinerAnswer)
        return made.answer.tags[0].text, made.is_part

    async def test_with_time_enough_the_answer_is_whole(self) -> None:
        self.reader.may_answer.set()
        self.assertEqual(await self.text(), ("whole", False))

    async def test_work_that_is_not_done_shortly_before_the_end_is_answered_in_part(self) -> None:
        self.assertEqual(await self.text(1.0), ("part", True))
        self.assertEqual(self.answering.queue.running, 1)  # the work goes on, and nothing else is begun beside it

    async def test_a_turn_that_does_not_come_is_answered_in_part(self) -> None:
        first = asyncio.create_task(self.text(20.0))
        await asyncio.sleep(0.02)
        self.assertEqual(await self.text(0.6), ("part", True))
        self.reader.may_answer.set()
        self.assertEqual(await first, ("whole", False))

    async def test_a_task_that_would_be_late_for_sure_does_not_wait_for_it(self) -> None:
        for _ in range(ROUNDS_TO_LEARN):
            self.answering.queue.took(60.0)
        first = asyncio.create_task(self.text(20.0))
        await asyncio.sleep(0.02)
        self.assertEqual(await self.text(10.0), ("part", True))
        self.assertEqual(self.answering.queue.waiting, 0)
        self.reader.may_answer.set()
        await first

    async def test_time_that_went_by_on_the_way_is_gone(self) -> None:
        made = await self.answering.answer(a_task(timeout_seconds=60.0), stake=1.0, elapsed_seconds=59.2)
        self.assertTrue(made.is_part)
        with self.assertRaisesRegex(UnavailableError, "no answer within the task's 60 s"):
            await self.answering.answer(a_task(timeout_seconds=60.0), stake=1.0, elapsed_seconds=61.0)

    async def test_what_cannot_be_done_even_in_part_is_refused_at_once(self) -> None:
        first = asyncio.create_task(self.text(20.0))
        await asyncio.sleep(0.02)
        for _ in range(ROUNDS_TO_LEARN):
            self.answering.queue.took(60.0)
        for _ in range(ROUNDS_TO_LEARN * PART_THREADS):
            self.answering._parts.took(60.0)
        self.answering._parts._running = self.answering._parts.concurrency
        with self.assertRaisesRegex(UnavailableError, "no answer within the task's 10 s"):
            await self.text(10.0)
        self.reader.may_answer.set()
        await first

    async def test_without_parts_a_task_whose_turn_does_not_come_is_refused(self) -> None:
        self.reader.has_parts = False
        first = asyncio.create_task(self.text(20.0))
        await asyncio.sleep(0.02)
        with self.assertRaisesRegex(UnavailableError, "waited longer than its 0.05 s"):
            await self.text(0.05)
        self.reader.may_answer.set()
        self.assertEqual(await first, ("whole", False))

    async def test_a_failure_of_the_work_is_the_tasks_own(self) -> None:
        self.reader.failure = InputError("cannot be read")
        self.reader.may_answer.set()
        with self.assertRaisesRegex(InputError, "cannot be read"):
            await self.text()
        self.reader.failure = None
        self.assertEqual(await self.text(), ("whole", False))

    async def test_a_failure_after_the_part_was_sent_disturbs_nobody(self) -> None:
        self.reader.failure = RuntimeError("late")
        self.assertEqual(await self.text(0.4), ("part", True))
        self.reader.may_answer.set()
        while self.answering.queue.running:  # noqa: ASYNC110 -- it is a thread that ends
            await asyncio.sleep(0.01)
        self.reader.failure = None
        self.assertEqual(await self.text(), ("whole", False))


if __name__ == "__main__":
    unittest.main()

"""Turns go to the largest stake; a full queue turns the smallest away, and nobody's turn is lost."""

import asyncio
import unittest
from collections.abc import Coroutine
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from miner.queue import ROUNDS_TO_LEARN, BusyError, NoTurnError, StakeQueue


class Queue(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.queue = StakeQueue(concurrency=1, room=2)
        self.done: list[str] = []
        self.gate = asyncio.Event()

    def begin(self, name: str, stake: float, *, seconds: float = 30.0) -> asyncio.Task[None]:
        async def work() -> None:
            async with self.queue.turn(stake, seconds=seconds):
                self.done.append(name)
                await self.gate.wait()

        return asyncio.create_task(work())

    async def begun(self, *jobs: Coroutine[Any, Any, None] | asyncio.Task[None]) -> None:
        await asyncio.sleep(0.01)

    async def test_the_largest_stake_is_next_and_of_equals_who_came_first(self) -> None:
        self.queue.room = 4
        jobs = [
            self.begin(*one)
            for one in (("now", 1.0), ("small", 1.0), ("large", 9.0), ("small too", 1.0), ("larger", 10.0))
        ]
        await self.begun()
        self.assertEqual((self.done, self.queue.waiting), (["now"], 4))
        self.gate.set()
        await asyncio.gather(*jobs)
        self.assertEqual(self.done, ["now", "larger", "large", "small", "small too"])
        self.assertEqual((self.queue.running, self.queue.waiting), (0, 0))

    async def test_a_full_queue_turns_a_newcomer_away_whose_stake_is_no_larger(self) -> None:
        jobs = [self.begin(name, 5.0) for name in ("now", "first", "second")]
        await self.begun()
        with self.assertRaises(BusyError) as caught:
            await self.begin("third", 5.0)
        self.assertGreaterEqual(caught.exception.retry_after_seconds, 1)
        self.gate.set()
        await asyncio.gather(*jobs)
        self.assertEqual(self.done, ["now", "first", "second"])

    async def test_a_full_queue_gives_the_place_of_the_smallest_stake_to_a_larger_one(self) -> None:
        now, small, middle = [
            self.begin(name, stake) for name, stake in (("now", 5.0), ("small", 1.0), ("middle", 3.0))
        ]
        await self.begun()
        large = self.begin("large", 4.0)
        with self.assertRaisesRegex(BusyError, "try again later"):
            await small
        self.gate.set()
        await asyncio.gather(now, middle, large)
        self.assertEqual((self.done, self.queue.turned_away), (["now", "large", "middle"], 1))

    async def test_a_turn_that_does_not_come_in_time_is_given_up(self) -> None:
        now = self.begin("now", 1.0)
        await self.begun()
        with self.assertRaises(NoTurnError):
            await self.begin("late", 1.0, seconds=0.02)
        self.gate.set()
        await now
        self.assertEqual((self.done, self.queue.waiting, self.queue.running), (["now"], 0, 0))

    async def test_a_caller_that_leaves_takes_nobodys_turn(self) -> None:
        now, gone, patient = [self.begin(name, 1.0) for name in ("now", "gone", "patient")]
        await self.begun()
        gone.cancel()
        self.gate.set()
        await asyncio.gather(now, patient)
        self.assertEqual((self.done, self.queue.running), (["now", "patient"], 0))

    async def test_more_turns_at_once_begin_at_once(self) -> None:
        jobs = [self.begin(name, 1.0) for name in ("one", "two", "three")]
        await self.begun()
        self.queue.concurrency = 3
        self.queue.call_next()
        await self.begun()
        self.assertEqual(self.done, ["one", "two", "three"])
        self.gate.set()
        await asyncio.gather(*jobs)

    async def test_work_that_nobody_waits_for_keeps_its_turn_until_it_is_done(self) -> None:
        work: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        async with self.queue.turn(1.0, seconds=1) as turn:
            turn.holds_until(work)
        self.assertEqual(self.queue.running, 1)
        work.set_exception(RuntimeError("nobody hears it"))
        await asyncio.sleep(0)
        self.assertEqual(self.queue.running, 0)

    async def test_how_long_a_task_will_take_is_guessed_from_the_last_ones(self) -> None:
        for _ in range(ROUNDS_TO_LEARN):
            self.queue.took(2.0)
        self.assertEqual(self.queue.expected_seconds(1.0), 0.0)
        jobs = [self.begin("now", 1.0), self.begin("next", 5.0)]
        await self.begun()
        self.assertEqual((self.queue.expected_seconds(9.0), self.queue.expected_seconds(1.0)), (4.0, 6.0))
        self.gate.set()
        await asyncio.gather(*jobs)

    async def test_whose_turn_will_come_too_late_is_sent_away_as_soon_as_that_is_seen(self) -> None:
        self.queue.room = 8
        now = self.begin("now", 1.0)
        await self.begun()
        patient, hasty, rich = (
            self.begin("patient", 1.0),
            self.begin("hasty", 1.0, seconds=5.0),
            self.begin("rich", 9.0, seconds=5.0),
        )
        await self.begun()
        for _ in range(ROUNDS_TO_LEARN):
            self.queue.took(2.0)
        self.gate.set()
        with self.assertRaises(NoTurnError):
            await hasty
        await asyncio.gather(now, patient, rich)
        self.assertEqual(self.done, ["now", "rich", "patient"])


class Properties(unittest.TestCase):
    @settings(max_examples=50, deadline=None)
    @given(st.lists(st.integers(0, 5), max_size=30), st.integers(1, 4), st.integers(0, 6))
    def test_whoever_comes_everybody_is_served_or_turned_away_and_no_larger_stake_for_a_smaller_one(
        self, stakes: list[int], concurrency: int, room: int
    ) -> None:
        async def run() -> tuple[list[int], list[int], StakeQueue]:
            queue, gate = StakeQueue(concurrency=concurrency, room=room), asyncio.Event()
            served, refused = list[int](), list[int]()

            async def ask(stake: int) -> None:
                try:
                    async with queue.turn(stake, seconds=30):
                        served.append(stake)
                        await gate.wait()
                except BusyError:
                    refused.append(stake)

            jobs = [asyncio.create_task(ask(stake)) for stake in stakes]
            await asyncio.sleep(0)
            gate.set()
            await asyncio.gather(*jobs)
            return served, refused, queue

        served, refused, queue = asyncio.run(run())
        self.assertEqual(sorted(served + refused), sorted(stakes))
        self.assertEqual((queue.running, queue.waiting), (0, 0))
        waited = served[concurrency:]
        self.assertEqual(waited, sorted(waited, reverse=True))
        self.assertEqual(len(served), min(len(stakes), concurrency + room))
        self.assertTrue(not refused or not waited or max(refused) <= min(waited))


if __name__ == "__main__":
    unittest.main()

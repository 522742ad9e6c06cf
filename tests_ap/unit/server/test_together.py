"""Together: nobody waits in vain, nobody pays for another's error, a batch is what came in meanwhile."""

import asyncio
import unittest
from collections.abc import Sequence

from conversation_server.together import Together


class TogetherTest(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.batches: list[list[int]] = []
        self.has_begun = asyncio.Event()
        self.together: Together[int, int] = Together(self.squares)

    async def squares(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        self.has_begun.set()
        await asyncio.sleep(0)
        if 13 in numbers:
            raise OSError
        return [ValueError(number) if number < 0 else number * number for number in numbers]

    async def test_what_comes_in_during_a_run_is_done_in_the_next(self) -> None:
        first = asyncio.create_task(self.together.do(1))
        await self.has_begun.wait()
        self.assertEqual(await asyncio.gather(first, *(self.together.do(number) for number in (2, 3))), [1, 4, 9])
        self.assertEqual(self.batches, [[1], [2, 3]])

    async def test_an_error_of_one_is_nobody_elses(self) -> None:
        found = await asyncio.gather(*(self.together.do(number) for number in (2, -1, 3)), return_exceptions=True)
        self.assertEqual((found[0], found[2]), (4, 9))
        self.assertIsInstance(found[1], ValueError)

    async def test_a_run_that_fails_fails_for_all_in_it_and_the_next_one_runs(self) -> None:
        found = await asyncio.gather(*(self.together.do(number) for number in (2, 13)), return_exceptions=True)
        self.assertEqual([type(one) for one in found], [OSError, OSError])
        self.assertEqual(await self.together.do(5), 25)

    async def test_a_caller_that_goes_away_does_not_stop_the_others(self) -> None:
        gone, stays = (asyncio.create_task(self.together.do(number)) for number in (2, 3))
        await asyncio.sleep(0)
        gone.cancel()
        self.assertEqual(await stays, 9)

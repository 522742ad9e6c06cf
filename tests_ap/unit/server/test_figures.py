"""Figures over whole tables: of this moment while there is little to count, and never waited for where there is much."""

import asyncio
import unittest

from conversation_server.services.figures import FEW, SHARE, KeptFigures


class FiguresTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        self.now, self.takes, self.counted, self.fails, self.size = 0.0, 1.0, 0, False, FEW + 1
        self.figures = KeptFigures(self.count, lambda _: self.size, clock=lambda: self.now)

    async def count(self) -> int:
        await asyncio.sleep(0)
        self.now += self.takes
        if self.fails:
            msg = "the database is away"
            raise OSError(msg)
        self.counted += 1
        return self.counted

    async def test_a_few_things_are_counted_for_every_call_however_long_that_takes(self) -> None:
        self.size = FEW
        self.assertEqual([await self.figures.get() for _ in range(3)], [1, 2, 3])

    async def test_figures_of_many_things_are_kept_and_counted_anew_beside_the_calls(self) -> None:
        self.assertEqual([await self.figures.get() for _ in range(3)], [1, 1, 1])
        self.now += SHARE * self.takes + 1.0
        self.assertEqual([await self.figures.get() for _ in range(2)], [1, 1])
        await asyncio.sleep(0.01)
        self.assertEqual((await self.figures.get(), self.counted), (2, 2))

    async def test_many_who_ask_first_wait_for_one_counting(self) -> None:
        self.assertEqual(await asyncio.gather(*(self.figures.get() for _ in range(9))), [1] * 9)

    async def test_the_last_figures_stay_while_they_cannot_be_counted_anew(self) -> None:
        await self.figures.get()
        self.now, self.fails = 1_000.0, True
        self.assertEqual(await self.figures.get(), 1)
        await asyncio.sleep(0.01)
        self.assertEqual(await self.figures.get(), 1)

    async def test_without_any_figures_the_fault_is_told(self) -> None:
        self.fails = True
        with self.assertRaisesRegex(OSError, "away"):
            await self.figures.get()

"""Order: each miner meets the windows of a conversation in an order of its own.

Two miners that compare notes cannot go by "the third task": the third task of one is another window than that of the
other, under another id and with other speaker labels. A stretch of n windows is played in n steps. In a step a miner
is asked about one window at most, in most of them each about another one; over all steps about each window once.
So a step asks as many miners as a window has, and the next one need not wait for whoever is slow.
"""

import math
import random
from collections.abc import Sequence
from typing import Final

from conversation_genome.annotation import Hotkey
from conversation_genome.conversation import TASK_LEVEL, Window

LONGEST_STRETCH: Final = 32
"""Windows that are played together: most conversations whole."""
ANSWERS_HELD: Final = 1024
"""Answers of a conversation that wait for the others of their window; bounds the memory, whatever its length."""


def stretches(windows: Sequence[Window], *, miners: int, chance: random.Random) -> list[list[Window]]:
    """Return the windows that miners are asked about, in no order, cut into runs of nearly equal length.

    Args:
        windows: All windows of a conversation.
        miners: How many are asked about each.
        chance: Decides the order.
    """
    asked = [window for window in windows if window.level == TASK_LEVEL]
    chance.shuffle(asked)
    longest = max(1, min(LONGEST_STRETCH, ANSWERS_HELD // max(1, miners)))
    count = math.ceil(len(asked) / longest)
    return [asked[number::count] for number in range(count)]


def steps(asked: Sequence[Sequence[Hotkey]], chance: random.Random) -> list[list[tuple[int, Hotkey]]]:
    """Return who is asked about which window in each step, without empty steps.

    Args:
        asked: The miners of each window.
        chance: Decides each miner's order, which is uniform and independent of the others'.
    """
    windows_of: dict[Hotkey, list[int]] = {}
    for number, miners in enumerate(asked):
        for miner in miners:
            windows_of.setdefault(miner, []).append(number)
    planned: list[list[tuple[int, Hotkey]]] = [[] for _ in asked]
    for miner, windows in windows_of.items():
        for step, window in zip(chance.sample(range(len(asked)), len(windows)), windows, strict=True):
            planned[step].append((window, miner))
    return [step for step in planned if step]

"""What a validator sees in one epoch: whom it asked about each window, what they scored, whose answers were copies.

A score is the logistic of (logit of the quality + how easy the window is + the engine's luck in it), both normal. The
two deviations are those of the 72 windows named in `population`: the scores of the two honest engines vary by 0.46 on
the logit scale and correlate by 0.42 over windows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.simulation.population import SimulatedMiner
from conversation_genome.annotation import Hotkey
from conversation_genome.rewards import Copy, Meeting, asked_together

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

EASE: Final = 0.30
"""Standard deviation of a window's ease, logits."""
LUCK: Final = 0.35
"""Standard deviation of an engine's luck in a window, logits."""
BASELINE: Final = 0.03
"""What the best hidden baseline scores in the middle."""
SILENCE: Final = 0.02
"""Share of tasks that an honest miner does not answer in time."""
FALSE_ALARM: Final = 0.001
"""Pairs of independent honest answers that are taken for copies; measured: none of 18,425 (benchmarks/copies)."""
AUTHOR_TOLD: Final = 0.95
"""Share of detected copies of another's answer whose author is told; measured: all of 4,035."""


@dataclass(frozen=True, slots=True)
class Rounds:
    """One validator's windows of an epoch: r windows, m miners each."""

    asked: IntArray
    """Shape (r, m): numbers of miners."""
    scores: FloatArray
    """Shape (r, m), in [0, 1]; 0 where nothing came back."""
    baselines: FloatArray
    """Shape (r,)."""
    meetings: tuple[Meeting, ...]
    """The windows that m miners were asked about, then the roll call."""
    roll: int
    """The first so many rows are the roll call's."""

    def meeting_of(self, row: int) -> Meeting:
        """Return who answered a row's window."""
        return self.meetings[-1] if row < self.roll else self.meetings[row - self.roll]


@dataclass(frozen=True, slots=True)
class Town:
    """The miners as arrays, by their number."""

    miners: Sequence[SimulatedMiner]
    hotkeys: tuple[Hotkey, ...] = field(init=False)
    number: Mapping[Hotkey, int] = field(init=False)
    quality: FloatArray = field(init=False)
    engine: IntArray = field(init=False)
    detection: FloatArray = field(init=False)
    author: IntArray = field(init=False)
    """The number of the miner that is copied; -1 where nobody is."""

    def __post_init__(self) -> None:
        fields = {
            "hotkeys": tuple(miner.hotkey for miner in self.miners),
            "number": {miner.hotkey: number for number, miner in enumerate(self.miners)},
            "quality": np.array([miner.quality for miner in self.miners]),
            "engine": np.array([miner.engine for miner in self.miners]),
            "detection": np.array([miner.detection for miner in self.miners]),
            "author": np.array([-1 if miner.copies_from is None else miner.copies_from for miner in self.miners]),
        }
        for name, value in fields.items():
            object.__setattr__(self, name, value)

    def present(self, epoch: int) -> IntArray:
        """Return the numbers of those that are registered in an epoch."""
        return np.array([at for at, miner in enumerate(self.miners) if miner.is_present(epoch)])


def draw_rounds(
    town: Town,
    present: IntArray,
    chance: np.random.Generator,
    *,
    windows: int,
    asked: int,
    suspects: Mapping[Hotkey, Sequence[Hotkey]],
    calls_roll: bool,
) -> Rounds:
    """Return an epoch's windows of one validator; about the first, with `calls_roll`, everybody is asked.

    The answers to the roll call are graded and rewarded in groups of the usual size, and compared across groups.
    """
    roll = len(present) // asked if calls_roll else 0
    windows = max(1, windows - roll) + roll
    drawn = present[chance.random((windows, len(present))).argsort(axis=1)[:, :asked]]
    drawn[:roll] = chance.permutation(present)[: roll * asked].reshape(roll, asked)
    drawn[roll:] = _together(town, drawn[roll:], suspects)
    window_of = np.maximum(0, np.arange(windows) - max(0, roll - 1))
    scores = _scores(town, drawn, window_of, chance)
    baselines = _logistic(_logit(np.full(windows, BASELINE)) + chance.normal(0, EASE, windows))
    is_there = scores > 0
    meetings = _meetings(town, drawn[roll:], is_there[roll:], chance)
    if roll:
        meetings += _meetings(town, drawn[:roll].reshape(1, -1), is_there[:roll].reshape(1, -1), chance)
    return Rounds(drawn, scores, baselines[window_of], meetings, roll)


def _together(town: Town, drawn: IntArray, suspects: Mapping[Hotkey, Sequence[Hotkey]]) -> IntArray:
    for row in drawn:
        if town.hotkeys[row[0]] in suspects:
            names = asked_together([town.hotkeys[number] for number in row], suspects)
            row[:] = [town.number[name] for name in names]
    return drawn


def _scores(town: Town, drawn: IntArray, window_of: IntArray, chance: np.random.Generator) -> FloatArray:
    """Return scores, shape (r, m); hotkeys of one engine score alike in a window."""
    windows = len(drawn)
    luck = chance.normal(0, LUCK, (windows, int(town.engine.max()) + 1))
    ease = chance.normal(0, EASE, windows)
    level = _logit(town.quality[drawn]) + ease[window_of, None] + luck[window_of[:, None], town.engine[drawn]]
    return np.where(chance.random(drawn.shape) < SILENCE, 0.0, _logistic(level))


def _meetings(
    town: Town, drawn: IntArray, is_there: NDArray[np.bool_], chance: np.random.Generator
) -> tuple[Meeting, ...]:
    left, right = _pairs(drawn.shape[1])
    one, other = drawn[:, left], drawn[:, right]
    is_kin = town.engine[one] == town.engine[other]
    rate = np.where(is_kin, np.maximum(town.detection[one], town.detection[other]), FALSE_ALARM)
    is_copy = (chance.random(rate.shape) < rate) & is_there[:, left] & is_there[:, right]
    is_told = chance.random(rate.shape) < AUTHOR_TOLD
    copies: list[list[Copy]] = [[] for _ in drawn]
    for row, pair in np.argwhere(is_copy):
        copies[row].append(_copy(town, int(one[row, pair]), int(other[row, pair]), is_told=bool(is_told[row, pair])))
    return tuple(
        Meeting(tuple(town.hotkeys[number] for number in row[there]), tuple(found))
        for row, there, found in zip(drawn, is_there, copies, strict=True)
    )


@lru_cache
def _pairs(count: int) -> tuple[IntArray, IntArray]:
    left, right = np.triu_indices(count, 1)
    return left, right


def _copy(town: Town, one: int, other: int, *, is_told: bool) -> Copy:
    author = None
    if is_told and town.author[one] == other:
        author = town.hotkeys[other]
    elif is_told and town.author[other] == one:
        author = town.hotkeys[one]
    return Copy(town.hotkeys[one], town.hotkeys[other], author)


def _logit(share: FloatArray) -> FloatArray:
    return np.log(share / (1 - share))


def _logistic(level: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-level))

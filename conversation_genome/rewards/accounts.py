"""Accounts: what a hotkey was paid, beside what it should have been paid as far as is known by now.

Kinship takes windows to prove. What hotkeys of one engine earn until then would be theirs for good, and a further
hotkey would pay for itself. So two sums are kept of each hotkey, in the unit of the averages:

    earned  what its own average came to, epoch by epoch
    paid    what weights were set for

    a stranger gets   clip(earned - paid, 0, 2 a)          a: its average now, which `earned` holds already
    kin together get  clip(max earned - sum paid, 0, a)    the maximum and the sum over the members; a: what `paid_as_one` gives them
    a known copier    0
    a newcomer        0 until it was asked about 20 windows

Whoever is never held back is paid its average: the two sums stay equal. A newcomer's first pay is held back, not
lost: it is paid up to twice its average until it has caught up. If it turns out to be kin of somebody, or a copier,
before, nothing has to be taken back; if later, the kin get nothing until what they were paid together is what one of
them would have earned. Who was wrongly taken for kin, or for one with the copier of its answers, is made whole.

Worked example: averages of .2, held back for two epochs, earned .6 in the third: paid 0 0 .4 .4 .2 .2.
"""

import math
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Hotkey
from conversation_genome.rewards.kinship import Kin, paid_as_one
from conversation_genome.rewards.moving_average import MovingAverages

HELD_SAMPLES: Final = 20
"""Windows that a hotkey must have been asked about before it is paid: in about as many its kin are known."""
MOST_HELD: Final = 0.25
"""While newcomers hold more of all averages, nobody is paid: else the first to be paid would share everything."""
CATCHING_UP: Final = 2.0
"""Times its average that a hotkey gets at most while it has something coming."""


class Account(NamedTuple):
    """One hotkey's sums over the epochs in which weights were set or nobody could be paid."""

    earned: float = 0.0
    paid: float = 0.0


class Accounts(BaseModel):
    """Every hotkey's account; `model_dump_json` and `model_validate_json` carry it over a restart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by_hotkey: dict[Hotkey, Account] = Field(default_factory=dict)

    def settled(
        self, averages: MovingAverages, kin: Kin, *, held_samples: int = HELD_SAMPLES
    ) -> tuple[dict[Hotkey, float], Self]:
        """Return what each hotkey is to be paid for this epoch, >= 0, and the accounts after it."""
        now = averages.settled()
        earned = {hotkey: self.of(hotkey).earned + average for hotkey, average in now.items()}
        paid = paid_as_one(now, kin)
        for group in kin.groups:
            paid |= self._as_one(group & now.keys(), paid, earned)
        alone = now.keys() - kin.copiers - frozenset().union(*kin.groups)
        paid |= {hotkey: self._alone(hotkey, now[hotkey], earned[hotkey]) for hotkey in alone}
        paid |= dict.fromkeys(_held(averages, held_samples), 0.0)
        after = {hotkey: Account(earned[hotkey], self.of(hotkey).paid + paid[hotkey]) for hotkey in now}
        return paid, self.model_copy(update={"by_hotkey": {**self.by_hotkey, **after}})

    def of(self, hotkey: Hotkey) -> Account:
        """Return a hotkey's account; an empty one where it has none."""
        return self.by_hotkey.get(hotkey, Account())

    def kept(self, registered: Collection[Hotkey]) -> Self:
        """Return the accounts of those that are still registered; whoever comes back starts anew."""
        present = set(registered)
        return self.model_copy(
            update={"by_hotkey": {key: account for key, account in self.by_hotkey.items() if key in present}}
        )

    def _alone(self, hotkey: Hotkey, average: float, earned: float) -> float:
        return min(max(earned - self.of(hotkey).paid, 0.0), CATCHING_UP * average)

    def _as_one(
        self, members: Collection[Hotkey], entitled: Mapping[Hotkey, float], earned: Mapping[Hotkey, float]
    ) -> dict[Hotkey, float]:
        """Return what members of one engine get of what they are entitled to together."""
        if not members:
            return {}
        due = max(earned[member] for member in members) - math.fsum(self.of(member).paid for member in members)
        one = math.fsum(entitled[member] for member in members)
        part = min(max(due, 0.0) / one, 1.0) if one > 0 else 0.0
        return {member: part * entitled[member] for member in members}


def _held(averages: MovingAverages, held_samples: int) -> Collection[Hotkey]:
    """Return who is not paid yet: newcomers; everybody, while newcomers hold more than MOST_HELD of all averages."""
    settled = averages.settled()
    newcomers = {hotkey for hotkey, average in averages.by_hotkey.items() if average.samples < held_samples}
    held = math.fsum(settled[hotkey] for hotkey in newcomers)
    return settled if held > MOST_HELD * math.fsum(settled.values()) else newcomers

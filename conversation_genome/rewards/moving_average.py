"""Moving averages belong to a hotkey: an unsampled miner keeps its own, a replaced hotkey starts anew."""

import math
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Self

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import ScoringInputError

PRIOR_SAMPLES: Final = 5.0
"""Rewards of 0 that every newcomer is taken to have had: a lucky first window is no record."""


class Average(BaseModel):
    """One hotkey's rewards, the newest weighing most."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    value: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.0
    """The exponentially weighted mean of the rewards seen so far, in [0, 1]."""
    samples: Annotated[int, Field(ge=0)] = 0

    @property
    def settled(self) -> float:
        """The mean drawn towards 0 while samples are few: value * n / (n + 5)."""
        return self.value * self.samples / (self.samples + PRIOR_SAMPLES)

    def after(self, reward: float, alpha: float) -> Self:
        """Return the average after one more reward.

        The newest reward weighs `alpha` in the long run and 1/n at the start, so that the first
        windows are a plain mean: the bias correction of Adam (Kingma & Ba, ICLR 2015, sec. 3) in one step.
        """
        if not (math.isfinite(reward) and 0 <= reward <= 1):
            raise ScoringInputError(f"a reward must be a number in [0, 1], not {reward!r}")
        share = max(alpha, 1 / (self.samples + 1))
        value = self.value + share * (reward - self.value)
        return type(self)(value=min(1.0, max(0.0, value)), samples=self.samples + 1)


class MovingAverages(BaseModel):
    """Every hotkey's average; `model_dump_json` and `model_validate_json` carry it over a restart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    by_hotkey: dict[Hotkey, Average] = Field(default_factory=dict)

    def updated(self, rewards: Mapping[Hotkey, float], *, alpha: float) -> Self:
        """Return the averages after one round; hotkeys that were not in it keep theirs.

        Raises:
            ScoringInputError: If a reward is not in [0, 1] or alpha not in (0, 1].
        """
        if not 0 < alpha <= 1:
            raise ScoringInputError(f"alpha must lie in (0, 1], not {alpha!r}")
        news = {
            hotkey: self.by_hotkey.get(hotkey, Average()).after(reward, alpha) for hotkey, reward in rewards.items()
        }
        return self.model_copy(update={"by_hotkey": {**self.by_hotkey, **news}})

    def kept(self, registered: Iterable[Hotkey]) -> Self:
        """Return the averages of those that are still registered; whoever comes back starts anew."""
        present = set(registered)
        return self.model_copy(
            update={"by_hotkey": {key: average for key, average in self.by_hotkey.items() if key in present}}
        )

    def settled(self) -> dict[Hotkey, float]:
        """Return what each hotkey has earned so far, in [0, 1], drawn towards 0 while samples are few."""
        return {hotkey: average.settled for hotkey, average in self.by_hotkey.items()}

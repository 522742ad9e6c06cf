"""Memory: what windows told of who copies whom, added up over time, by hotkey.

Two sums are kept of each ordered pair, one for a copier who takes everything and one (`blind`) for a copier who
leaves out what it was not shown. Neither falls below 0, so that a long honest past is no licence to begin:

    S after a window = min(20, max(0, S before + evidence of the window))

This is Page's cumulative sum (1954, "Continuous inspection schemes", Biometrika 41), the quickest way to notice a
change at a given rate of false alarms (Lorden 1971, Ann. Math. Stat. 42). Evidence against innocents is negative on
average, so that a false alarm wears off within windows.
"""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.scoring.copies.evidence import THRESHOLD, CopyEvidence

MOST: Final = 20.0
BLIND_THRESHOLD: Final = 8.0
"""What `blind` must add up to: it grows slowly, and meets many pairs."""


class PairSums(NamedTuple):
    """The evidence against one copier concerning one author, in nats, each in [0, 20]."""

    open: float = 0.0
    blind: float = 0.0

    @property
    def nats(self) -> float:
        """The larger of the two, on the scale of THRESHOLD."""
        return max(self.open, self.blind - (BLIND_THRESHOLD - THRESHOLD))


class CopyMemory(BaseModel):
    """Every suspected pair's sums; `model_dump_json` and `model_validate_json` carry it over a restart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    pairs: dict[str, dict[str, PairSums]] = Field(default_factory=dict)
    """By copier, then by author; pairs whose sums are 0 are left out."""

    def after(self, windows: Iterable[CopyEvidence]) -> Self:
        """Return the memory after some windows, in their order."""
        pairs = {copier: dict(authors) for copier, authors in self.pairs.items()}
        for window in windows:
            known = [[other in pairs.get(name, ()) for other in window.names] for name in window.names]
            tells = (window.nats > 0) | (window.blind > 0) | np.array(known, dtype=bool).reshape(window.nats.shape)
            for i, j in zip(*(places.tolist() for places in np.nonzero(tells)), strict=True):
                before = pairs.get(window.names[i], {}).get(window.names[j], PairSums())
                sums = PairSums(
                    open=_moved(before.open, float(window.nats[i, j])),
                    blind=_moved(before.blind, float(window.blind[i, j])),
                )
                if any(sums):
                    pairs.setdefault(window.names[i], {})[window.names[j]] = sums
                else:
                    pairs.get(window.names[i], {}).pop(window.names[j], None)
        return self.model_copy(update={"pairs": {copier: authors for copier, authors in pairs.items() if authors}})

    def known(self) -> dict[tuple[str, str], float]:
        """Return the evidence by (copier, author), in nats, where there is any."""
        return {
            (copier, author): sums.nats
            for copier, authors in self.pairs.items()
            for author, sums in authors.items()
            if sums.nats > 0
        }

    def kept(self, registered: Collection[str]) -> Self:
        """Return the memory of those that are still registered; whoever comes back starts anew."""
        present = set(registered)
        pairs = {
            copier: {author: sums for author, sums in authors.items() if author in present}
            for copier, authors in self.pairs.items()
            if copier in present
        }
        return self.model_copy(update={"pairs": {copier: authors for copier, authors in pairs.items() if authors}})


def _moved(total: float, nats: float) -> float:
    return min(MOST, max(0.0, total + nats))

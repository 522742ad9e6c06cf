"""Breadths: how many candidates a search of a graph keeps in sight, without and with a filter; kept beside the graphs.

What is found of what is near grows with them, and so does the time. They widen themselves where a check finds too little.
"""

import os
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from conversation_genome.vector_store.base import ENOUGH, Health

BREADTH: Final = 1_000
"""Recall@10 of .97 at a million windows for questions that people ask (see decision 0015)."""
MAX_BREADTH: Final = 4_000
GROWTH: Final = 1.1
"""From one try to the next."""
FILE: Final = "breadths.json"


class Breadths(NamedTuple):
    """Candidates that a search keeps in sight."""

    plain: int = BREADTH
    filtered: int = BREADTH
    """Where a filter must be met that lets pass too much to look at each."""

    def wider(self, health: Health) -> "Breadths":
        """Return broader ones where too little was found by these; the same where that was enough, or no more may be."""
        return Breadths(_wider(self.plain, health.recall), _wider(self.filtered, health.filtered_recall))


def read(folder: Path) -> Breadths:
    """Return what a folder of graphs keeps; what the product starts with where that is nothing that makes sense."""
    try:
        plain, filtered = orjson.loads((folder / FILE).read_bytes())
        return Breadths(_bounded(plain), _bounded(filtered))
    except (OSError, ValueError, TypeError):
        return Breadths()


def keep(folder: Path, breadths: Breadths) -> None:
    """Keep breadths in a folder of graphs: every process that searches it sees them.

    Raises:
        OSError: If it cannot be written to.
    """
    part = folder / f"{FILE}.{os.getpid()}"
    part.write_bytes(orjson.dumps(list(breadths)))
    part.replace(folder / FILE)


def _wider(breadth: int, recall: float | None) -> int:
    return breadth if recall is None or recall >= ENOUGH else min(MAX_BREADTH, int(breadth * GROWTH))


def _bounded(breadth: int) -> int:
    return max(BREADTH, min(MAX_BREADTH, int(breadth)))

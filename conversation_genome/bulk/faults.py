"""Faults: what is left out, and why, by file and line; lines are counted from the beginning of the file in the end."""

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict

MAX_TOLD: Final = 1_000
"""Faults that are told in words, of one piece; the rest are counted."""


class Fault(BaseModel):
    """One thing that could not be read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    line: int | None = None
    """Within the piece, from 1; a row of a table; None where it is no line's fault."""
    reason: str


class Faults:
    """Collects the faults of one piece that was read from a copy of its bytes."""

    def __init__(self, copy: Path) -> None:
        self._prefix = re.compile(rf"^{re.escape(str(copy))}(?::(\d+))?(?::? )?")
        self._copy = str(copy)
        self.told: list[Fault] = []
        self.total = 0

    def note(self, fault: Exception) -> None:
        """Take a fault; a `FaultHandler`. The copy's name is taken out of its words."""
        words = str(fault)
        found = self._prefix.match(words)
        line = int(found[1]) if found and found[1] else None
        reason = words[found.end() :] if found else words
        self.add(Fault(line=line, reason=reason.replace(self._copy, "it")))

    def add(self, fault: Fault) -> None:
        """Take a fault that is known by its line."""
        self.total += 1
        if len(self.told) < MAX_TOLD:
            self.told.append(fault)


def in_words(file: str, faults: Iterable[Fault], *, lines_before: int) -> list[str]:
    """Return faults as people read them: `file:line: reason`."""
    return [
        f"{file}: {fault.reason}" if fault.line is None else f"{file}:{fault.line + lines_before}: {fault.reason}"
        for fault in faults
    ]


def lines_before(pieces: Iterable[tuple[str, int]]) -> Mapping[int, int]:
    """Return, by the position of a piece among all, the lines of its file before it.

    Args:
        pieces: (file, lines) of every piece, in order.
    """
    counts: dict[str, int] = {}
    found: dict[int, int] = {}
    for position, (file, lines) in enumerate(pieces):
        found[position] = counts.get(file, 0)
        counts[file] = found[position] + lines
    return found

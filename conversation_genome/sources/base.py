"""What a source is: a module that knows its format when it sees it, and reads it into conversations."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError

FaultHandler = Callable[[InputError], None]
"""Told of each part of a file that cannot be read; it raises, or it notes the fault and lets the rest go in."""


def raise_fault(fault: InputError) -> None:
    """Stop at the first fault.

    Raises:
        InputError: Always; it is the fault.
    """
    raise fault


class Source(Protocol):
    """One format. The modules of this package are its implementations."""

    def sniff(self, head: bytes, path: Path) -> bool:
        """Return whether a file that begins with `head` is of this format; never raises."""

    def read(self, path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
        """Yield the file's conversations; each has its format as source and times in UTC.

        Raises:
            InputError: If the file cannot be opened or holds nothing; names the file and the remedy.
            RecordError: For a fault in the file, unless `on_fault` takes it; names the file and the line.
        """

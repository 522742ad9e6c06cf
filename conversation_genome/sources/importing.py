"""Many files to uniform records: every fault is told, and one bad file never hides the next.

Memory does not grow with the files: what was seen before waits on disk.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources.registry import AUTO, detect, read_source

MAX_FAULTS_TOLD: Final = 1_000
"""Messages told a file; the rest are counted."""
MAX_SPEAKERS_COUNTED: Final = 100_000
_FEED_SUFFIXES: Final = (".xml", ".rss")


@dataclass
class FileReport:
    """What one file gave."""

    path: Path
    format: str = "unknown"
    conversations: int = 0
    duplicates: int = 0
    """Conversations whose content an earlier one of this import has already."""
    lines: int = 0
    speakers: set[str] = field(default_factory=set)
    """Different names, up to 100,000."""
    faults_total: int = 0
    tell: Callable[[str], object] = field(default=lambda _message: None, repr=False)
    """Is told of each of the first 1,000 faults when it is found."""

    def add(self, conversation: Conversation) -> None:
        """Count a conversation."""
        self.conversations += 1
        self.lines += len(conversation.lines)
        if len(self.speakers) < MAX_SPEAKERS_COUNTED:
            self.speakers.update(conversation.participants)

    def note(self, fault: InputError) -> None:
        """Count and tell a fault, so that reading goes on; a `FaultHandler`."""
        self.faults_total += 1
        if self.faults_total <= MAX_FAULTS_TOLD:
            self.tell(str(fault))

    def summary(self) -> dict[str, Any]:
        """Return the counts, ready for JSON."""
        return {
            "file": str(self.path),
            "format": self.format,
            "conversations": self.conversations,
            "duplicates": self.duplicates,
            "lines": self.lines,
            "speakers": len(self.speakers),
            "faults": self.faults_total,
        }


class SeenContent:
    """Which contents an import has had already, kept on disk."""

    def __init__(self) -> None:
        self._database = sqlite3.connect(
            "", isolation_level=None
        )  # a file without a name, which no death leaves behind
        self._database.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;"
            "CREATE TABLE seen (hash BLOB PRIMARY KEY) WITHOUT ROWID; BEGIN;"
        )

    def is_new(self, conversation: Conversation) -> bool:
        """Return whether this content was not there before, and remember it."""
        digest = bytes.fromhex(conversation.content_hash)
        return self._database.execute("INSERT OR IGNORE INTO seen VALUES (?)", (digest,)).rowcount == 1

    def close(self) -> None:
        """Forget everything."""
        self._database.close()


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files, folders replaced by all that is in them, sorted, feeds before the transcripts they name.

    Hidden files and folders and symbolic links inside a folder are passed over.

    Raises:
        InputError: If a path is not there, or a folder holds no file.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path} is not there; give the path of a file or a folder")
        found = _files_under(path) if path.is_dir() else [path]
        if not found:
            raise InputError(f"the folder {path} holds no file; give one that holds conversations")
        files += found
    return list(dict.fromkeys(files))


def conversations_in(
    report: FileReport,
    seen: SeenContent,
    *,
    format: str = AUTO,  # noqa: A002
    transcripts: Path | None = None,
    license: str | None = None,  # noqa: A002
) -> Iterator[Conversation]:
    """Yield the conversations of the report's file as they are read; faults and counts go into the report.

    Conversations with the same content as an earlier one are counted, not yielded. Those whose source states no
    licence get the one that is given.
    """
    try:
        report.format = detect(report.path) if format == AUTO else format
        read = read_source(report.path, report.format, transcripts=transcripts, on_fault=report.note)
        for conversation in read:
            if seen.is_new(conversation):
                report.add(conversation)
                yield licensed(conversation, license)
            else:
                report.duplicates += 1
    except InputError as exc:
        report.note(exc)


def licensed(conversation: Conversation, license: str | None) -> Conversation:  # noqa: A002
    """Return the conversation under this licence, if its source states none."""
    return conversation if conversation.license or not license else conversation.model_copy(update={"license": license})


def _files_under(folder: Path) -> list[Path]:
    inside = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    shown = [path for path in inside if not any(part.startswith(".") for part in path.relative_to(folder).parts)]
    return sorted(shown, key=lambda path: (path.suffix.lower() not in _FEED_SUFFIXES, path))

"""Many files to uniform records: every fault is gathered, and one bad file never hides the next."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError
from conversation_genome.sources.registry import AUTO, detect, read_source

MAX_FAULTS_KEPT: Final = 1_000
"""Messages kept a file; the rest are counted."""


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
    faults: list[str] = field(default_factory=list)
    faults_total: int = 0

    def add(self, conversation: Conversation) -> None:
        """Count a conversation."""
        self.conversations += 1
        self.lines += len(conversation.lines)
        self.speakers.update(conversation.participants)

    def note(self, fault: InputError) -> None:
        """Keep a fault, so that reading goes on; a `FaultHandler`."""
        self.faults_total += 1
        if len(self.faults) < MAX_FAULTS_KEPT:
            self.faults.append(str(fault))

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


def files_in(paths: Iterable[Path]) -> list[Path]:
    """Return the files, folders replaced by all that is in them, sorted; hidden files and folders are passed over.

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


def import_files(
    files: Sequence[Path],
    *,
    write: Callable[[Conversation], object],
    format: str = AUTO,  # noqa: A002
) -> Iterator[FileReport]:
    """Read each file, hand every conversation to `write` as it is read, and yield one report a file.

    Conversations with the same content as an earlier one are counted, not written.
    """
    seen: set[str] = set()
    for path in files:
        report = FileReport(path)
        try:
            for conversation in _conversations(report, format):
                if conversation.content_hash in seen:
                    report.duplicates += 1
                    continue
                seen.add(conversation.content_hash)
                report.add(conversation)
                write(conversation)
        except InputError as exc:
            report.note(exc)
        yield report


def _conversations(report: FileReport, format_name: str) -> Iterator[Conversation]:
    report.format = detect(report.path) if format_name == AUTO else format_name
    yield from read_source(report.path, report.format, on_fault=report.note)


def _files_under(folder: Path) -> list[Path]:
    inside = (path for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in inside if not any(part.startswith(".") for part in path.relative_to(folder).parts))

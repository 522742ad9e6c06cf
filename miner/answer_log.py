"""The answer log: what a miner said to each task, one JSON object a line, `{"digest", "lines", "answer"}`.

The digest is the SHA-256 over the task's sorted line texts. Miners are shown one window with different lines left
out, so that an answer is also found by the lines that two tasks have in common: `lines` holds each line's speaker and
the digest of its text, in order.
"""

import hashlib
import json
import threading
import time
from collections import Counter, OrderedDict
from pathlib import Path
from typing import Final, NamedTuple

import orjson
from pydantic import ValidationError

from conversation_genome.protocol.messages import MinerAnswer, MinerTask

REMEMBERED_ANSWERS: Final = 10_000
LOOK_SECONDS: Final = 0.02
SAME_WINDOW: Final = 0.5
"""Share of common lines from which two tasks are one window."""


def task_digest(task: MinerTask) -> str:
    """Return the SHA-256 (hex) over the sorted texts of the task's lines."""
    texts = json.dumps(sorted(text for _, text in task.lines), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()


def line_digests(task: MinerTask) -> tuple[tuple[int, str], ...]:
    """Return the speaker of each line and the digest of its text."""
    return tuple(
        (speaker, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16])
        for speaker, text in task.lines
    )


class Entry(NamedTuple):
    """What somebody answered, and to what."""

    lines: tuple[tuple[int, str], ...]
    answer: MinerAnswer


class AnswerLog:
    """Appends answers to a file; each line is written whole and at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def append(self, task: MinerTask, answer: MinerAnswer) -> None:
        """Write one answer."""
        line = b'{"digest":"%b","lines":%b,"answer":%b}\n' % (
            task_digest(task).encode(),
            orjson.dumps(line_digests(task)),
            answer.model_dump_json().encode(),
        )
        with self._lock:
            self._file.write(line)

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class AnswerLogReader:
    """Reads an answer log that another process writes, as it grows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offset = 0
        self._entries: OrderedDict[str, Entry] = OrderedDict()
        self._holding: dict[str, set[str]] = {}
        """By a line's digest: the tasks that hold it."""
        self._lock = threading.Lock()

    def wait_for(self, task: MinerTask, *, timeout_seconds: float, stop: threading.Event) -> Entry | None:
        """Return the answer to the task that is most like one's own, or None if none appears in time."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            with self._lock:
                self._read_on()
                entry = self._nearest(task)
            if entry is not None or time.monotonic() >= deadline or stop.wait(LOOK_SECONDS):
                return entry

    def _nearest(self, task: MinerTask) -> Entry | None:
        """Return the entry that shares most lines, at least SAME_WINDOW of all that either holds."""
        own = {digest for _, digest in line_digests(task)}
        shared = Counter(key for digest in own for key in self._holding.get(digest, ()))
        best = max(shared, key=lambda key: (self._likeness(key, own), key), default=None)
        return None if best is None or self._likeness(best, own) < SAME_WINDOW else self._entries[best]

    def _likeness(self, key: str, own: set[str]) -> float:
        theirs = {digest for _, digest in self._entries[key].lines}
        return len(own & theirs) / len(own | theirs)

    def _read_on(self) -> None:
        try:
            if self._path.stat().st_size <= self._offset:
                return
            with self._path.open("rb") as file:
                file.seek(self._offset)
                whole, newline, _ = file.read().rpartition(b"\n")
        except FileNotFoundError:
            return
        self._offset += len(whole) + len(newline)
        for line in whole.splitlines():
            self._keep(line)

    def _keep(self, line: bytes) -> None:
        try:
            entry = orjson.loads(line)
            lines = tuple((int(speaker), str(digest)) for speaker, digest in entry["lines"])
            self._entries[entry["digest"]] = Entry(lines, MinerAnswer.model_validate(entry["answer"]))
        except (ValueError, KeyError, TypeError, ValidationError):
            return  # a log of another version, or not a log
        for _, digest in lines:
            self._holding.setdefault(digest, set()).add(entry["digest"])
        while len(self._entries) > REMEMBERED_ANSWERS:
            key, oldest = self._entries.popitem(last=False)
            for _, digest in oldest.lines:
                self._holding.get(digest, set()).discard(key)

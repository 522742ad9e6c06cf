"""The answer log: what a miner said to each task, one JSON object a line, `{"digest", "answer"}`.

The digest is the SHA-256 over the task's sorted line texts: the same window has the same digest whoever is asked.
"""

import hashlib
import json
import threading
import time
from collections import OrderedDict
from pathlib import Path
from typing import Final

import orjson
from pydantic import ValidationError

from conversation_genome.protocol.messages import MinerAnswer, MinerTask

REMEMBERED_ANSWERS: Final = 10_000
LOOK_SECONDS: Final = 0.02


def task_digest(task: MinerTask) -> str:
    """Return the SHA-256 (hex) over the sorted texts of the task's lines."""
    texts = json.dumps(sorted(text for _, text in task.lines), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(texts.encode("utf-8", "surrogatepass")).hexdigest()


class AnswerLog:
    """Appends answers to a file; each line is written whole and at once."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._lock = threading.Lock()

    def append(self, task: MinerTask, answer: MinerAnswer) -> None:
        """Write one answer."""
        line = b'{"digest":"%b","answer":%b}\n' % (task_digest(task).encode(), answer.model_dump_json().encode())
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
        self._answers: OrderedDict[str, MinerAnswer] = OrderedDict()
        self._lock = threading.Lock()

    def wait_for(self, digest: str, *, timeout_seconds: float, stop: threading.Event) -> MinerAnswer | None:
        """Return the answer to a task, or None if it does not appear in time or `stop` is set."""
        deadline = time.monotonic() + timeout_seconds
        while True:
            with self._lock:
                self._read_on()
                answer = self._answers.get(digest)
            if answer is not None or time.monotonic() >= deadline or stop.wait(LOOK_SECONDS):
                return answer

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
            self._answers[entry["digest"]] = MinerAnswer.model_validate(entry["answer"])
        except (ValueError, KeyError, TypeError, ValidationError):
            return  # a log of another version, or not a log
        while len(self._answers) > REMEMBERED_ANSWERS:
            self._answers.popitem(last=False)

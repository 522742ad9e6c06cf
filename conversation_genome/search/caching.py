"""AnswerCache: the answers to what was asked lately, each for as long as nothing that is searched changed."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

Answer = TypeVar("Answer")

MAX_ANSWERS: Final = 1_024


@dataclass(frozen=True, slots=True)
class CacheCounters:
    """What a cache did since it was made."""

    hits: int = 0
    misses: int = 0


class AnswerCache(Generic[Answer]):
    """Remembers answers by what was asked and by the version of what was searched; safe across threads.

    An answer to an older version is never returned, so a write by any process is seen by the next question.
    """

    def __init__(self, entries: int = MAX_ANSWERS) -> None:
        self._entries = entries
        self._answers: OrderedDict[Hashable, tuple[str, Answer]] = OrderedDict()
        self._counters = CacheCounters()
        self._lock = threading.Lock()

    @property
    def counters(self) -> CacheCounters:
        """What was done so far; a snapshot."""
        with self._lock:
            return self._counters

    def answer(self, asked: Hashable, version: str, find: Callable[[], Answer]) -> Answer:
        """Return the answer that is remembered, or find it.

        Args:
            asked: All that the answer depends on besides what is searched.
            version: Of what is searched, taken before `find` looks at it: an answer may be newer than that, never older.
            find: Finds the answer.
        """
        if (known := self._known(asked, version)) is not None:
            return known
        found = find()
        with self._lock:
            self._answers[asked] = (version, found)
            self._answers.move_to_end(asked)
            while len(self._answers) > self._entries:
                self._answers.popitem(last=False)
        return found

    def _known(self, asked: Hashable, version: str) -> Answer | None:
        with self._lock:
            of, answer = self._answers.get(asked, ("", None))
            is_known = answer is not None and of == version
            counters = self._counters
            self._counters = CacheCounters(counters.hits + is_known, counters.misses + (not is_known))
            if not is_known:
                return None
            self._answers.move_to_end(asked)
            return answer

"""Recent: the last few results of a costly function, by key; safe across threads."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Generic, TypeVar

Result = TypeVar("Result")


class Recent(Generic[Result]):
    """Remembers the results that were used last."""

    def __init__(self, entries: int) -> None:
        """Remember at most `entries` results."""
        self._entries = entries
        self._results: OrderedDict[str, Result] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], Result]) -> Result:
        """Return the result of that key, made if it is not remembered; two threads may make it twice."""
        with self._lock:
            if key in self._results:
                self._results.move_to_end(key)
                return self._results[key]
        result = make()
        with self._lock:
            self._results[key] = result
            while len(self._results) > self._entries:
                self._results.popitem(last=False)
        return result

"""How long a request was on its way: its signature says when it was sent, by a clock that may differ from ours.

What a validator's quickest requests seem to take is put down to the clocks; what another one takes beyond that was time that
the task has lost already, be it in the network or here, before anybody looked.
"""

from collections import OrderedDict, deque
from typing import Final

REMEMBERED_REQUESTS: Final = 64
REMEMBERED_VALIDATORS: Final = 512


class Delays:
    """The last requests of each validator."""

    def __init__(self) -> None:
        self._ages: OrderedDict[str, deque[float]] = OrderedDict()

    def delay(self, hotkey: str, sent_at: float, *, now: float) -> float:
        """Return how much longer this request took than the quickest of its sender, in seconds, at least 0.

        Args:
            hotkey: Who sent it.
            sent_at: When, by the sender's clock; seconds since 1970.
            now: By ours.
        """
        ages = self._ages.pop(hotkey, None) or deque(maxlen=REMEMBERED_REQUESTS)
        ages.append(now - sent_at)
        self._ages[hotkey] = ages
        if len(self._ages) > REMEMBERED_VALIDATORS:
            self._ages.popitem(last=False)
        return max(0.0, ages[-1] - min(ages))

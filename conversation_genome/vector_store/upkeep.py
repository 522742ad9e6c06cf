"""Upkeep: what may take minutes and runs beside the writers, one at a time."""

import threading
from collections.abc import Callable

import structlog

from conversation_genome.errors import VectorStoreError

_log = structlog.get_logger(__name__)


class Upkeep:
    """Runs its work on a thread that ends with the process: the work must bear being cut off anywhere."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._is_running = threading.Lock()

    def start(self) -> None:
        """Start the work, unless it runs already."""
        if self._is_running.acquire(blocking=False):
            threading.Thread(target=self._run, name="vector-store-upkeep", daemon=True).start()

    def finish(self) -> None:
        """Do the work now; where it runs already, after that: it may not have seen what was written since."""
        with self._is_running:
            self._work()

    def _run(self) -> None:
        try:
            self._work()
        except VectorStoreError as exc:
            _log.warning("the vector store's indices could not be brought up to date", error=str(exc))
        finally:
            self._is_running.release()

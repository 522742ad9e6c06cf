"""A command with all its processes, watched: processor time, and memory by what a process is."""

import contextlib
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field

import psutil

EVERY_SECONDS = 0.5


@dataclass
class Watched:
    """What a command took."""

    seconds: float = 0.0
    output: str = ""
    errors: str = ""
    code: int = 0
    peaks_mb: dict[str, list[float]] = field(default_factory=dict)
    """Peak resident memory of every process, by its kind: driver, worker, own (the engine's)."""
    curve_mb: list[tuple[float, float]] = field(default_factory=list)
    """(seconds, the largest worker or the one process) over the run."""
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """By kind."""

    def peak(self, kind: str) -> float:
        """Return the memory of the largest process of a kind, in MB."""
        return max(self.peaks_mb.get(kind, [0.0]))

    def total(self, kind: str) -> float:
        """Return the sum of the peaks of all processes of a kind, in MB."""
        return sum(self.peaks_mb.get(kind, []))


def watch(command: list[str]) -> Watched:
    """Run a command to its end."""
    watched, started = Watched(), time.perf_counter()
    peaks: dict[int, float] = defaultdict(float)
    cpu: dict[int, float] = {}
    kinds: dict[int, str] = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        root = psutil.Process(process.pid)
        while process.poll() is None:
            seconds, largest = time.perf_counter() - started, 0.0
            for one in [root, *_children(root)]:
                with contextlib.suppress(psutil.Error):
                    memory = one.memory_info().rss / 2**20
                    kinds[one.pid] = kind = _kind(one, root)
                    peaks[one.pid] = max(peaks[one.pid], memory)
                    times = one.cpu_times()
                    cpu[one.pid] = times.user + times.system
                    largest = max(largest, memory if kind in ("worker", "driver") else 0.0)
            watched.curve_mb.append((seconds, largest))
            time.sleep(EVERY_SECONDS)
        watched.seconds = time.perf_counter() - started
        watched.output, watched.errors = process.communicate()
        watched.code = process.returncode
    for pid, kind in kinds.items():
        watched.peaks_mb.setdefault(kind, []).append(peaks[pid])
        watched.cpu_seconds[kind] = watched.cpu_seconds.get(kind, 0.0) + cpu[pid]
    return watched


def _children(root: psutil.Process) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        return root.children(recursive=True)
    return []


def _kind(process: psutil.Process, root: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    if "MapWorker" in line or "spawn_main" in line:
        return "worker"
    if "conversation_genome bulk" in line or process.pid == root.pid:
        return "driver"
    return "own"

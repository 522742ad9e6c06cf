"""Runs that are killed at any moment, again and again, and must end with the bytes of one that was not.

`python -m benchmarks.bulk.kills [--kills 20] [--conversations 24] [--workers 2]`: with workers the kills hit Ray's processes as well.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from benchmarks.bulk.__main__ import MOMENT, digest
from benchmarks.bulk.talks import DATA, write_talks
from tests_ap.integration.bulk.talks import store_of


def command(source: Path, out: Path, workers: int) -> list[str]:
    """Return the command line of a run."""
    line = [sys.executable, "-m", "conversation_genome", "bulk", str(source), str(out)]
    own = ["--workers", str(workers)] if workers else []
    return [*line, "--as-of", MOMENT, "--shard-mb", "0.005", *own]


def stage(out: Path) -> str:
    """Return how far a run has come, by what is on the disk."""
    if (out / "dataset").exists():
        return "after the dataset"
    if list((out / "shards").glob("*.loaded")) or (out / "store").exists():
        return "store and dataset"
    return "shards" if list((out / "shards").glob("*.json")) else "before the first shard"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--conversations", type=int, default=24)
    parser.add_argument("--workers", type=int, default=0)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    chance, stages, rounds, wrong = random.Random(7), Counter[str](), 0, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        source, reference = folder / "in", folder / "reference"
        write_talks(source, arguments.data, arguments.conversations, files=2)
        started = time.perf_counter()
        subprocess.run(command(source, reference, arguments.workers), check=True, stderr=subprocess.DEVNULL)
        whole = time.perf_counter() - started
        while sum(stages.values()) < arguments.kills:
            rounds += 1
            out = folder / f"round-{rounds}"
            while True:
                receipts = {path: path.stat().st_mtime_ns for path in (out / "shards").glob("*.json")}
                process = subprocess.Popen(
                    command(source, out, arguments.workers), stderr=subprocess.DEVNULL, start_new_session=True
                )
                try:
                    process.wait(chance.uniform(0.3, 1.1) * whole)
                except subprocess.TimeoutExpired:
                    stages[stage(out)] += 1
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                changed = [path for path, made in receipts.items() if path.stat().st_mtime_ns != made]
                wrong += len(changed)
                if process.returncode == 0:
                    break
            same = digest(out) == digest(reference) and store_of(out) == store_of(reference)
            wrong += not same
            print(f"round {rounds}: {dict(stages)}, {'equal' if same else 'NOT EQUAL'}", flush=True)
    print(f"\n{sum(stages.values())} kills in {rounds} runs ({dict(stages)}); wrong: {wrong}")


if __name__ == "__main__":
    main()

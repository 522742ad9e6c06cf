"""Kills in the last step: while the store is begun, while shards are loaded, while the dataset is built.

`python -m benchmarks.bulk.late_kills [--conversations 5]`
"""

import argparse
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.bulk.__main__ import digest
from benchmarks.bulk.kills import command
from benchmarks.bulk.talks import DATA, write_talks
from tests_ap.integration.bulk.talks import store_of

EVERY_SECONDS = 0.0005


def moments(out: Path) -> dict[str, Callable[[], bool]]:
    """Return what tells that a moment has come, by its name, in order."""
    return {
        "the store is begun": (out / "store").exists,
        "a shard is loaded": lambda: any((out / "shards").glob("*.loaded")),
        "the dataset is being built": (out / ".dataset.part").exists,
    }


def kill_when(line: list[str], has_come: Callable[[], bool]) -> bool:
    """Kill a run when a moment has come; returns whether it was still running."""
    with subprocess.Popen(line, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while not has_come() and process.poll() is None:
            time.sleep(EVERY_SECONDS)
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            return True
    return False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=5)
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        source, reference, out = (Path(name) / part for part in ("in", "reference", "out"))
        write_talks(source, arguments.data, arguments.conversations, files=1)
        subprocess.run(command(source, reference, 0), check=True, stderr=subprocess.DEVNULL)
        shutil.copytree(reference / "shards", out / "shards")
        for path in (out / "shards").glob("*.loaded"):
            path.unlink()
        for moment, has_come in moments(out).items():
            print(
                f"{moment}: {'killed' if kill_when(command(source, out, 0), has_come) else 'came too late'}", flush=True
            )
        subprocess.run(command(source, out, 0), check=True, stderr=subprocess.DEVNULL)
        same = digest(out) == digest(reference) and store_of(out) == store_of(reference)
        print("equal to a run that was not killed" if same else "NOT EQUAL")


if __name__ == "__main__":
    main()

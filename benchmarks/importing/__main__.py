"""Peak memory and speed of `cgp import` on large files of every kind, beside reading the whole file at once.

`python -m benchmarks.importing [--megabytes 1024] [--rival-megabytes 64] [--kinds jsonl discord ...]`
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.importing.files import FILES


@dataclass(frozen=True)
class Run:
    """What a process took."""

    seconds: float
    peak_mb: float
    code: int
    output: str


def measure(command: list[str]) -> Run:
    """Run a command and return its wall time and its peak resident memory."""
    started = time.perf_counter()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - started
        output.seek(0)
        return Run(seconds, usage.ru_maxrss / 1024, process.returncode, output.read().decode())


def write(kind: str, path: Path, size: int) -> None:
    """Write a large file in a process of its own: a child's peak counts what its parent held when it was forked."""
    subprocess.run([sys.executable, "-m", "benchmarks.importing.files", kind, str(path), str(size)], check=True)


def cgp_import(path: Path) -> Run:
    out = path.with_name("records.jsonl")
    run = measure([sys.executable, "-m", "conversation_genome", "import", str(path), "--out", str(out), "--json"])
    out.unlink(missing_ok=True)
    return run


def compare(kind: str, folder: Path, megabytes: int, rival_megabytes: int) -> str:
    """Return a row of the table."""
    path = folder / FILES[kind][0]
    write(kind, path, rival_megabytes << 20)
    small = cgp_import(path)
    rival = measure([sys.executable, "-m", "benchmarks.importing.rivals", kind, str(path)])
    write(kind, path, megabytes << 20)
    size = path.stat().st_size / 2**20
    large = cgp_import(path)
    path.unlink()
    counts = json.loads(large.output)
    return (
        f"| {kind} | {size:,.0f} | {counts['conversations']:,} | {counts['lines']:,} | {counts['faults']} "
        f"| **{large.peak_mb:.0f}** | {small.peak_mb:.0f} | {rival.peak_mb:.0f} "
        f"| {size / large.seconds:.1f} | {counts['conversations'] / large.seconds:,.0f} | {large.code} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=1024)
    parser.add_argument("--rival-megabytes", type=int, default=64)
    parser.add_argument("--kinds", nargs="+", choices=list(FILES), default=list(FILES))
    arguments = parser.parse_args()
    rival = f"{arguments.rival_megabytes} MB"
    print(
        f"| kind | MB | conversations | lines | faults | peak MB | peak MB at {rival} | whole file at once, at {rival} "
        "| MB/s | conversations/s | exit |\n|---|" + "---:|" * 10,
        flush=True,
    )
    for kind in arguments.kinds:
        with tempfile.TemporaryDirectory(prefix="cgp-large-") as folder:
            print(compare(kind, Path(folder), arguments.megabytes, arguments.rival_megabytes), flush=True)


if __name__ == "__main__":
    main()

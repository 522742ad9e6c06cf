"""Speed, memory and the cost of a stop: one process, Ray on one node and on two, and a plain pool of processes.

`python -m benchmarks.bulk [--conversations 400] [--shard-kb 20] [--runs process pool "one node" "two nodes"]`
"""

import argparse
import hashlib
import json
import sys
import tempfile
from pathlib import Path

import psutil

from benchmarks.bulk.sizes import sizes
from benchmarks.bulk.talks import DATA, write_talks
from benchmarks.bulk.watching import Watched, watch

MOMENT = "2026-01-01T00:00:00Z"


def command(name: str, source: Path, out: Path, shard_kb: int) -> list[str]:
    """Return the command line of a run."""
    rest = [str(source), str(out), "--as-of", MOMENT, "--shard-mb", str(shard_kb / 1000), "--json", "--skip-bad"]
    bulk = [sys.executable, "-m", "conversation_genome", "bulk", *rest]
    return {
        "process": bulk,
        "pool": [sys.executable, "-m", "benchmarks.bulk.pool", str(source), str(out), "2", str(shard_kb * 1000)],
        "one node": [*bulk, "--workers", "2"],
        "two nodes": [sys.executable, "-m", "tests_ap.integration.bulk.nodes", *rest],
    }[name]


def digest(out: Path) -> str:
    """Return a digest of the dataset's tables."""
    files = sorted(path for path in (out / "dataset").rglob("*.parquet"))
    return hashlib.sha256(b"".join(hashlib.sha256(path.read_bytes()).digest() for path in files)).hexdigest()[:12]


def row(name: str, run: Watched, lines: int) -> str:
    """Return a row of the table."""
    summary = json.loads(run.output.splitlines()[-1])
    reading = summary["cpu_seconds"]
    return (
        f"| {name} | {run.seconds:.1f} | {sum(run.cpu_seconds.values()):.1f} | {reading:.1f} "
        f"| {summary['conversations'] / reading:.2f} | {lines / reading:.0f} | {summary['conversations'] / run.seconds:.2f} "
        f"| {run.peak('driver'):.0f} | {run.peak('worker'):.0f} | {run.total('own'):.0f} | {summary['shards']} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=400)
    parser.add_argument("--shard-kb", type=int, default=20)
    parser.add_argument("--runs", nargs="+", default=["process", "pool", "one node", "two nodes"])
    parser.add_argument("--data", type=Path, default=DATA)
    arguments = parser.parse_args()
    print(
        "| run | wall s | CPU s, all | CPU s, reading | conversations/CPU s, reading | lines/CPU s, reading "
        "| conversations/s, whole run | driver MB | worker MB | Ray's own MB, sum | shards |\n|---|" + "---:|" * 10,
        flush=True,
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        lines = write_talks(folder / "in", arguments.data, arguments.conversations)
        for kind in arguments.runs:
            run = watch(command(kind, folder / "in", folder / kind, arguments.shard_kb))
            if run.code:
                raise SystemExit(run.errors[-3000:])
            print(
                row(kind, run, lines),
                f" dataset {digest(folder / kind)}, load {psutil.getloadavg()[0]:.0f}",
                flush=True,
            )
        last = arguments.runs[-1]
        print(f"\n{sizes(folder / last)}")
        again = watch(command(last, folder / "in", folder / last, arguments.shard_kb))
        print(f"\nagain, all shards there ({last}): {again.seconds:.1f} s")
        steps = [run.curve_mb[len(run.curve_mb) * tenth // 10] for tenth in range(1, 10)]
        print("largest worker over that run, MB:", ", ".join(f"{mb:.0f} at {at:.0f} s" for at, mb in steps))


if __name__ == "__main__":
    main()

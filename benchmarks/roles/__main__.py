"""Memory and processor time of each role of a small local subnet, read from the kernel.

`python -m benchmarks.roles`
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples/conversations/chat-flatmates-boiler.txt"
SETTLED_SECONDS = 8.0
"""After the report of the run, before the last look."""


class Use(NamedTuple):
    role: str
    kind: str
    peak_mb: int
    processor_seconds: float


def children(pid: int) -> Iterator[int]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parent = int((folder / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, ValueError):
                continue
            if parent == pid:
                yield int(folder.name)


def use_of(pid: int) -> Use:
    place = Path("/proc") / str(pid)
    environment = dict(
        one.split("=", 1) for one in (place / "environ").read_text().split("\0") if one.startswith("CGP_")
    )
    role = (place / "cmdline").read_text().split("\0")[2]
    peak = int((place / "status").read_text().split("VmHWM:")[1].split()[0]) // 1024
    ticks = (place / "stat").read_text().rsplit(")", 1)[1].split()[11:13]
    seconds = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return Use(role, environment.get("CGP_MINER_ENGINE", ""), peak, seconds)


def measure(folder: Path, seconds: float) -> dict[int, Use]:
    told = ("--miners", "2", "--validators", "1", "--input", str(EXAMPLE), "--out", str(folder / "subnet"), "--keep")
    command = [sys.executable, "-m", "conversation_genome", "local", "up", *told]
    with (folder / "log").open("w") as log:
        run = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    found: dict[int, Use] = {}
    ends = time.monotonic() + seconds
    try:
        while time.monotonic() < ends and run.poll() is None:
            for pid in children(run.pid):
                try:
                    found[pid] = use_of(pid)
                except (OSError, IndexError, ValueError):
                    continue
            summary = folder / "subnet" / "summary.json"
            if summary.exists() and time.time() - summary.stat().st_mtime > SETTLED_SECONDS:
                break
            time.sleep(0.5)
    finally:
        run.terminate()
        run.wait(60)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roles", description=__doc__)
    parser.add_argument("--seconds", type=float, default=180.0, help="after which the run is given up")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = measure(Path(folder), given.seconds)
    print("| role | engine | peak MB | processor seconds |\n|---|---|---|---|")
    for one in sorted(found.values()):
        print(f"| {one.role} | {one.kind} | {one.peak_mb} | {one.processor_seconds:.1f} |")


if __name__ == "__main__":
    main()

"""`python -m benchmarks.local_subnet [--clone] [--input FILE...]`: time whole runs, and say what the loop costs.

With `--clone` the repository is cloned into a new folder and `run_local.sh` is timed there twice: once with
everything to install, once with nothing. Without it one run is timed with what is installed here. The processor
time is what each process logs of itself between being ready and being stopped; starting up is not in it.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_WORK: Final = re.compile(r"\bcpu_seconds=([\d.]+)\s+embedding_cpu_seconds=([\d.]+)")


@dataclass(frozen=True, slots=True)
class Work:
    """Processor seconds of the processes of one run."""

    cpu_seconds: float
    embedding_cpu_seconds: float

    @property
    def rest_per_embedding(self) -> float:
        """What everything else costs, as a share of what the embedding model costs."""
        return (self.cpu_seconds - self.embedding_cpu_seconds) / self.embedding_cpu_seconds


def main() -> None:
    """Run what was asked for and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clone", action="store_true", help="time a fresh clone as well")
    parser.add_argument("--input", type=Path, nargs="+", default=[], help="instead of the samples that ship")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        base = Path(folder)
        inputs = [str(path.resolve()) for path in arguments.input]
        if arguments.clone:
            clone = base / "clone"
            subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
            command = ["bash", str(clone / "run_local.sh")]
            print(f"fresh clone to the end of `run_local.sh`: {_timed(command, base / 'first', inputs):.0f} s")
        else:
            command = [sys.executable, "-m", "conversation_genome", "local", "up"]
        seconds = _timed(command, base / "second", inputs)
        print(f"{'second run' if arguments.clone else 'run'}: {seconds:.0f} s\n")
        _report(base / "second", inputs)


def _timed(command: list[str], out: Path, inputs: list[str]) -> float:
    started = time.monotonic()
    given = ["--input", *inputs] if inputs else []
    subprocess.run([*command, "--out", str(out), *given], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.monotonic() - started


def _report(out: Path, inputs: list[str]) -> None:
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    works = {path.stem: work for path in sorted((out / "logs").glob("*.log")) if (work := work_of(path))}
    total = Work(
        sum(work.cpu_seconds for work in works.values()), sum(work.embedding_cpu_seconds for work in works.values())
    )
    print(f"{summary['conversations']['total']} conversations, {summary['windows']} windows", end="")
    print(f" ({', '.join(Path(name).name for name in inputs) or 'the samples that ship'}), {summary['seconds']:.0f} s")
    print(f"\n{summary['windows'] / summary['seconds']:.2f} windows a second, from start to end\n")
    print("| process | processor s | of it the embedding model, s | rest / embedding |")
    print("|---|---:|---:|---:|")
    for name, work in {**works, "all": total}.items():
        ratio = f"{work.rest_per_embedding:.2f}" if work.embedding_cpu_seconds else ""
        print(f"| {name} | {work.cpu_seconds:.1f} | {work.embedding_cpu_seconds:.1f} | {ratio} |")


def work_of(log: Path) -> Work | None:
    """Return what a process logged of its work, summed over its restarts; None if it logged nothing."""
    found = [tuple(map(float, one)) for one in _WORK.findall(log.read_text("utf-8", errors="replace"))]
    return Work(sum(cpu for cpu, _ in found), sum(embedding for _, embedding in found)) if found else None


if __name__ == "__main__":
    main()

"""Check that a local subnet did what it must: `python tools/check_summary.py local-subnet/summary.json`.

Every conversation is complete, answers were scored, the report and the data are there, the shares add up; every copier
earns less than every honest miner, and those that answer at random, stuff, come late or malformed next to nothing.
"""

import json
import sys
from pathlib import Path
from typing import Any

ALWAYS_LAST = {"random", "stuffer", "slow", "malformed"}
NEXT_TO_NOTHING = 0.1
"""What one of those may earn at most, as a share of what the worst honest miner earns."""
MAX_ROUNDING = 0.001


def main() -> int:
    """Print each fault and return the exit code."""
    path = Path(sys.argv[1])
    summary = json.loads(path.read_text(encoding="utf-8"))
    faults = [*faults_of_counts(summary), *faults_of_miners(summary["miners"]), *faults_of_paths(summary, path)]
    for fault in faults:
        sys.stderr.write(f"{path}: {fault}\n")
    if not faults:
        counts = summary["conversations"]
        sys.stdout.write(f"{counts['complete']} conversations in {summary['seconds']} s, miners in the right order\n")
    return 1 if faults else 0


def faults_of_counts(summary: dict[str, Any]) -> list[str]:
    """Return what is wrong with the work that was done."""
    total, complete = summary["conversations"]["total"], summary["conversations"]["complete"]
    faults = []
    if not 0 < complete == total:
        faults.append(f"{complete} of {total} conversations are complete")
    if summary["windows"] < total:
        faults.append(f"{summary['windows']} windows for {total} conversations")
    if not summary["answers"].get("scored"):
        faults.append(f"no answer was scored: {summary['answers']}")
    if sum(summary["answers"].values()) != sum(miner["answers"] for miner in summary["miners"]):
        faults.append("answers by outcome and answers by miner differ")
    return faults


def faults_of_miners(miners: list[dict[str, Any]]) -> list[str]:
    """Return what is wrong with the order of the miners and with their shares."""
    honest = [miner for miner in miners if miner["kind"].startswith("honest")]
    last = [miner for miner in miners if miner["kind"] in ALWAYS_LAST]
    copiers = [miner for miner in miners if miner["kind"] == "copier"]
    faults = [] if honest else ["no honest miner took part"]
    for measure in ("mean_score", "reward_share", "incentive") if honest else ():
        worst = min(miner[measure] for miner in honest)
        faults += [
            f"{measure}: {miner['kind']} has {miner[measure]:.3f}, more than {NEXT_TO_NOTHING:.0%} of an honest miner's {worst:.3f}"
            for miner in last
            if miner[measure] >= NEXT_TO_NOTHING * worst
        ]
        faults += [
            f"{measure}: a copier has {miner[measure]:.3f}, an honest miner {worst:.3f}"
            for miner in copiers
            if measure != "mean_score" and miner[measure] >= worst
        ]
    faults += [
        f"{measure} does not sum to 1"
        for measure in ("reward_share", "incentive")
        if abs(sum(miner[measure] for miner in miners) - 1) > MAX_ROUNDING
    ]
    return faults


def faults_of_paths(summary: dict[str, Any], path: Path) -> list[str]:
    """Return what the run names and did not leave."""
    places = [Path(place) for place in summary["paths"].values()]
    return [f"{place} is not there" for place in places if not (place.exists() or (path.parent / place).exists())]


if __name__ == "__main__":
    sys.exit(main())

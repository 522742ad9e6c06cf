"""`python -m benchmarks.simulation [--charts FOLDER] [--epochs N]`: a whole economy, ours and the original's beside it.

Prints Markdown and draws the charts into `docs/images`. The same seed gives the same figures and pictures.
"""

import argparse
import contextlib
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from benchmarks.simulation import charts
from benchmarks.simulation.economy import ORIGINALS, Outcome, Plan, run_economy
from benchmarks.simulation.measures import (
    MISREPORTS,
    ORDERED,
    epochs_of_pay,
    epochs_until_ordered,
    order_of_pay,
    pay_to_like,
    reach,
    sybil_gain,
)
from benchmarks.simulation.population import sybil_economy, whole_economy
from benchmarks.simulation.rounds import AUTHOR_TOLD, FALSE_ALARM

IMAGES: Final = Path(__file__).resolve().parents[2] / "docs" / "images"
SIZES: Final = (64, 128, 256)
DETECTION: Final = 0.62
"""How often a copy is found in one window, by that window alone: as measured by benchmarks/copies."""
JOINING: Final = 60
"""The epoch in which owners of several hotkeys join an economy that is settled."""
HOTKEYS: Final = (2, 4, 8)
NOT_LOOKED_FOR, WITHIN_WINDOW = "ours, copies not looked for", "ours, copies share within a window only"
NO_ACCOUNTS: Final = "ours, without accounts"


def plans(epochs: int) -> list[Plan]:
    """Return every economy that is run, the slowest first."""
    alone, both = ("ours",), ("ours", NO_ACCOUNTS)
    compared = {128: ("ours", NO_ACCOUNTS, NOT_LOOKED_FOR, "linear", "rank", *ORIGINALS)}
    sybils = [
        _sybils(f"{DETECTION}", DETECTION, (*both, NOT_LOOKED_FOR, WITHIN_WINDOW, "original"), epochs),
        *(_sybils(f"{rate:.2f}", rate, both, epochs) for rate in (0.3, 0.1, 0.05)),
        _sybils(f"{DETECTION}, no roll call", DETECTION, both, epochs, calls_roll=False),
        _sybils(f"{DETECTION}, one reads for all", DETECTION, both, epochs, has_one_source=True),
        _sybils(
            f"{DETECTION}, one reads for all, no roll call",
            DETECTION,
            both,
            epochs,
            has_one_source=True,
            calls_roll=False,
        ),
        _sybils(f"{DETECTION}, joining in epoch {JOINING}", DETECTION, both, epochs, joins=JOINING),
        _sybils(
            f"{DETECTION}, one reads for all, joining in epoch {JOINING}",
            DETECTION,
            both,
            epochs,
            has_one_source=True,
            joins=JOINING,
        ),
        _sybils("0.30, one reads for all", 0.3, both, epochs, has_one_source=True),
    ]
    whole = [
        _whole(size, compared.get(size, ("ours", *ORIGINALS)), epochs) for size in sorted(SIZES, key=lambda n: n != 128)
    ]
    slower = [_whole(128, alone, epochs, alpha=alpha) for alpha in (0.05, 0.02)]
    return [*whole, *sybils, *slower]


def _whole(size: int, mechanisms: tuple[str, ...], epochs: int, *, alpha: float = 0.1) -> Plan:
    miners = whole_economy(size, detection=DETECTION, epochs=epochs)
    return Plan(f"whole {size} {alpha}", miners, mechanisms, has_bad_validator=True, epochs=epochs, alpha=alpha)


def _sybils(
    name: str,
    rate: float,
    mechanisms: tuple[str, ...],
    epochs: int,
    *,
    has_one_source: bool = False,
    joins: int = 0,
    calls_roll: bool = True,
) -> Plan:
    miners = sybil_economy(128, detection=rate, has_one_source=has_one_source, joins=joins)
    return Plan(f"sybils {name}", miners, mechanisms, has_bad_validator=False, epochs=epochs, calls_roll=calls_roll)


def main() -> None:
    """Run every economy, print the tables, draw the charts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--charts", type=Path, default=IMAGES, help="where the pictures go")
    parser.add_argument("--epochs", type=int, default=200)
    arguments = parser.parse_args()
    started = time.monotonic()
    with ProcessPoolExecutor(2) as pool:
        done = {one.plan.name: one for one in pool.map(run_economy, plans(arguments.epochs))}
    print(f"# Simulation of an economy over {arguments.epochs} epochs, seed 1\n")
    for line in report(done, arguments.epochs):
        print(line)
    arguments.charts.mkdir(parents=True, exist_ok=True)
    charts.draw_all(done, arguments.charts, arguments.epochs)
    print(f"\n{len(done)} economies in {time.monotonic() - started:.0f} s")


def report(done: dict[str, Outcome], epochs: int) -> Iterator[str]:
    """Yield the lines of the report."""
    yield from _order(done, epochs)
    yield from _pay_of_kinds(done["whole 128 0.1"], epochs)
    yield from _sybil_tables(done, epochs)
    yield from _copiers(done["whole 128 0.1"], epochs)
    yield from _bad_validator(done["whole 128 0.1"])


def _order(done: dict[str, Outcome], epochs: int) -> Iterator[str]:
    joined = epochs * 3 // 10
    yield f"## Epochs until pay is ordered by quality (Spearman >= {ORDERED})\n"
    yield "| miners | mechanism | from the start | after the late ones joined | epochs in order | at the end |"
    yield "|---|---|---|---|---|---|"
    for name, outcome in done.items():
        if not name.startswith("whole"):
            continue
        _, size, alpha = name.split()
        for mechanism in outcome.plan.mechanisms:
            series = order_of_pay(outcome, mechanism)
            label = mechanism if alpha == "0.1" else f"{mechanism}, alpha {alpha}"
            cells = [epochs_until_ordered(series), epochs_until_ordered(series, since=joined)]
            shown = " | ".join("never" if cell is None else str(cell) for cell in cells)
            yield f"| {size} | {label} | {shown} | {(series >= ORDERED).mean():.0%} | {series[-10:].mean():.3f} |"


def _pay_of_kinds(outcome: Outcome, epochs: int) -> Iterator[str]:
    kinds = list(dict.fromkeys(miner.kind for miner in outcome.plan.miners if miner.kind != "leaver"))
    count = {kind: sum(miner.kind == kind for miner in outcome.plan.miners) for kind in kinds}
    yield "\n## What a hotkey of each kind earns, times the mean honest one (128 miners, last half)\n"
    yield f"| mechanism | {' | '.join(f'{kind} ({count[kind]})' for kind in kinds)} |"
    yield f"|---|{'---|' * len(kinds)}"
    for mechanism in outcome.plan.mechanisms:
        paid = outcome.incentive[mechanism][epochs // 2 :].mean(axis=0)
        means = [_mean_of_kind(outcome, paid.tolist(), kind) for kind in kinds]
        yield f"| {mechanism} | {' | '.join(f'{mean / means[0]:.2f}' for mean in means)} |"


def _mean_of_kind(outcome: Outcome, paid: Sequence[float], kind: str) -> float:
    own = [pay for miner, pay in zip(outcome.plan.miners, paid, strict=True) if miner.kind == kind]
    return sum(own) / len(own)


def _sybil_tables(done: dict[str, Outcome], epochs: int) -> Iterator[str]:
    yield "\n## What an owner of k hotkeys with one engine earns over an owner of one (128 miners)\n"
    yield "| mechanism | copies found in a window | k = 2 | 4 | 8, last half | k = 2 | 4 | 8, all epochs | worth of a further hotkey |"
    yield f"|---|{'---|' * 8}"
    for name, outcome in done.items():
        if name.startswith("sybils"):
            for mechanism in outcome.plan.mechanisms:
                late = [f"{sybil_gain(outcome, mechanism, k, since=epochs // 2):+.1%}" for k in HOTKEYS]
                ever = [f"{sybil_gain(outcome, mechanism, k):+.1%}" for k in HOTKEYS]
                worth = max(epochs_of_pay(outcome, mechanism, k) for k in HOTKEYS)
                cells = " | ".join([*late, *ever, f"{worth:.1f} epochs"])
                yield f"| {mechanism} | {name.removeprefix('sybils ')} | {cells} |"
    yield "\nThe worth of a further hotkey is what it earned in all, in epochs of a single one's pay, for the k that gains"
    yield "most. An owner's hotkeys take turns in reading, or one reads for all. In the roll call everybody is asked about"
    yield "one of a validator's windows an epoch (for as many answers in all), so that every pair meets. With accounts, nobody"
    yield "is paid for the first 20 windows before these are over, and what kin were paid too much is taken back."
    yield f"Strangers are taken for copies in {FALSE_ALARM:.1%} of the windows they share."


def _copiers(outcome: Outcome, epochs: int) -> Iterator[str]:
    copiers = [at for at, miner in enumerate(outcome.plan.miners) if miner.copies_from is not None]
    authors = [author for at in copiers if (author := outcome.plan.miners[at].copies_from) is not None]
    yield f"\n## Copiers and whom they copy, against honest ones of that quality (128 miners; author told: {AUTHOR_TOLD:.0%})\n"
    yield "| mechanism | copier, first 20 epochs | last half | author, first 20 epochs | last half |"
    yield "|---|---|---|---|---|"
    for mechanism in outcome.plan.mechanisms:
        cells = [
            f"{pay_to_like(outcome, mechanism, who, epochs=when):.2f}"
            for who in (copiers, authors)
            for when in (slice(0, 20), slice(epochs // 2, None))
        ]
        yield f"| {mechanism} | {' | '.join(cells)} |"


def _bad_validator(outcome: Outcome) -> Iterator[str]:
    yield "\n## What a validator that misreports can move (128 miners, last 40 epochs)\n"
    yield "| mechanism | its stake | it gives | pay moved | friends' pay | its own dividends |"
    yield "|---|---|---|---|---|---|"
    for mechanism in ("ours", "original"):
        for stake in (0.3, 0.51):
            for name, misreport in MISREPORTS.items():
                got = reach(outcome, mechanism, misreport, stake=stake)
                friends = f"{got.friends_honest:.2%} -> {got.friends:.2%}"
                own = f"{got.dividends_honest:.1%} -> {got.dividends:.1%}"
                yield f"| {mechanism} | {stake:.0%} | {name} | {got.moved:.2%} | {friends} | {own} |"


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        main()

"""The pictures of the simulation."""

from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.simulation.economy import Outcome
from benchmarks.simulation.measures import ORDERED, order_of_pay, owner_pay
from benchmarks.simulation.population import BEST

COLOURS: Final = {
    "ours": "#1b6ca8",
    "original": "#b0413e",
    "original with its bell curve": "#d98c3f",
    "linear": "#6a9a5b",
    "rank": "#7d5ba6",
}
KINDS: Final = {
    "honest": "#1b6ca8",
    "late": "#1b6ca8",
    "sybil8": "#d98c3f",
    "copier": "#b0413e",
    "lazy": "#777777",
    "colluder": "#222222",
}
NAMES: Final = {
    "honest": "honest",
    "sybil8": "8 hotkeys of one owner",
    "copier": "copiers",
    "lazy": "lazy",
    "colluder": "friends of a bad validator",
}


def draw_all(done: dict[str, Outcome], folder: Path, epochs: int) -> None:
    """Draw every chart into a folder."""
    _save(_order(done, epochs), folder / "simulation-order.png")
    _save(_pay(done["whole 128 0.1"], epochs), folder / "simulation-pay.png")
    _save(_sybils(done, epochs), folder / "simulation-sybils.png")


def _order(done: dict[str, Outcome], epochs: int) -> Any:
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.8), sharey=True)
    for axis, size in zip(axes, (64, 128, 256), strict=True):
        outcome = done[f"whole {size} 0.1"]
        for mechanism in ("original with its bell curve", "original", "ours"):
            axis.plot(range(1, epochs + 1), order_of_pay(outcome, mechanism), color=COLOURS[mechanism], label=mechanism)
        axis.axhline(ORDERED, color="#999999", linewidth=0.8, linestyle=":")
        axis.axvline(epochs * 3 // 10 + 1, color="#999999", linewidth=0.8, linestyle=":")
        axis.set(title=f"{size} miners", xlabel="epoch", ylim=(-0.2, 1.03), xlim=(0, epochs))
    axes[0].set_ylabel("Spearman of quality and pay")
    axes[0].text(epochs * 0.31, -0.15, "late ones join", color="#777777", fontsize=8)
    axes[0].text(epochs * 0.99, ORDERED - 0.07, f"{ORDERED}", color="#777777", fontsize=8, ha="right")
    axes[-1].legend(frameon=False, loc="center right", fontsize=9)
    return figure


def _pay(outcome: Outcome, epochs: int) -> Any:
    figure, axes = plt.subplots(1, 3, figsize=(12, 4.2), sharey=True)
    titles = {
        "ours": "ours",
        "original": "the original",
        "original with its bell curve": "the original with its bell curve",
    }
    for axis, (mechanism, title) in zip(axes, titles.items(), strict=True):
        paid = outcome.incentive[mechanism][epochs // 2 :].mean(axis=0)
        honest = np.mean([pay for miner, pay in zip(outcome.plan.miners, paid, strict=True) if miner.kind == "honest"])
        for kind, colour in KINDS.items():
            dots = [
                (miner.quality, pay / honest)
                for miner, pay in zip(outcome.plan.miners, paid, strict=True)
                if miner.kind == kind
            ]
            axis.scatter(*zip(*dots, strict=True), s=22, color=colour, alpha=0.75, linewidth=0, label=NAMES.get(kind))
        axis.set(title=title, xlabel="quality (mean score)", xlim=(-0.03, BEST + 0.05))
    axes[0].set_ylabel("pay of a hotkey, times the mean honest one")
    axes[0].set_ylim(bottom=-0.05)
    axes[0].legend(frameon=False, loc="upper left", fontsize=8.5)
    return figure


def _sybils(done: dict[str, Outcome], epochs: int) -> Any:
    figure, axes = plt.subplots(1, 2, figsize=(12, 4))
    outcome = done["sybils 0.62"]
    lines = {
        "original": ("the original", "#b0413e"),
        "ours, copies share within a window only": ("ours, sharing within a window only", "#d98c3f"),
        "ours": ("ours", "#1b6ca8"),
    }
    for mechanism, (label, colour) in lines.items():
        axes[0].plot(range(1, epochs + 1), _gain(outcome, mechanism), color=colour, label=label)
    axes[0].set(title="the owner hands in one answer for all eight", ylim=(0, 13))
    axes[0].legend(frameon=False, loc="upper right")
    for rate, colour in (("0.05", "#b0413e"), ("0.10", "#d98c3f"), ("0.30", "#6a9a5b"), ("0.62", "#1b6ca8")):
        gain = _gain(done[f"sybils {rate}"], "ours")
        axes[1].plot(
            range(1, epochs + 1), gain, color=colour, label=f"copies found in {float(rate):.0%} of the windows"
        )
    axes[1].set(title="the owner varies the answers: ours", ylim=(0, 13))
    axes[1].legend(frameon=False, loc="upper right")
    for axis in axes:
        axis.axhline(1, color="#999999", linewidth=0.8, linestyle=":")
        axis.set(xlabel="epoch", xlim=(0, epochs))
    axes[0].set_ylabel("pay of an owner of 8 hotkeys,\ntimes that of an owner of one")
    return figure


def _gain(outcome: Outcome, mechanism: str) -> np.ndarray[Any, Any]:
    many, one = owner_pay(outcome, mechanism, "sybil8"), owner_pay(outcome, mechanism, "single")
    return np.asarray(np.divide(many, one, out=np.zeros_like(many), where=one > 0))


def _save(figure: Any, path: Path) -> None:
    for axis in figure.axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)

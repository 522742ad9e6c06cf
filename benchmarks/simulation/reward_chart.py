"""`python -m benchmarks.simulation.reward_chart [FILE]`: draw the reward curves, and the original's beside them."""

import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("agg")
import matplotlib.pyplot as plt
import numpy as np

from benchmarks.simulation.mechanisms import density
from conversation_genome.rewards import CURVES, divide, standing

COLOURS: Final = {"bell": "#1b6ca8", "linear": "#6a9a5b", "rank": "#7d5ba6"}
ORIGINAL: Final = "#b0413e"
IMAGE: Final = Path(__file__).resolve().parents[2] / "docs" / "images" / "reward-curves.png"
ROUNDS: Final = {
    "seven honest miners": [0.35, 0.40, 0.45, 0.5, 0.55, 0.6, 0.7],
    "one far ahead": [0.1, 0.2, 0.3, 0.4, 0.9],
}


def main(path: Path) -> None:
    """Draw the chart into a file."""
    figure, axes = plt.subplots(1, 3, figsize=(12, 4))
    _by_standing(axes[0])
    for axis, (name, scores) in zip(axes[1:], ROUNDS.items(), strict=True):
        _round(axis, name, scores)
    axes[1].set_ylim(0, 0.37)
    axes[1].legend(frameon=False, loc="upper left", fontsize=9)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, dpi=110, metadata={"Software": None})


def _by_standing(axis: Any) -> None:
    """Draw pay over standing for 256 answers, and where the answers stand, below."""
    scores = np.clip(np.random.default_rng(1).normal(0.55, 0.13, 256), 0.05, 0.95).tolist()
    places, pay = np.array(standing(scores)), np.array(divide(scores)) * len(scores)
    order = np.argsort(places)
    axis.plot(places[order], pay[order], color=COLOURS["bell"])
    axis.plot(places, np.full(len(places), -0.08), "|", color=COLOURS["bell"], alpha=0.4, markersize=9)
    axis.axhline(1, color="#999999", linewidth=0.8, linestyle=":")
    axis.text(-1.95, 1.04, "an equal share", color="#777777", fontsize=8)
    axis.set(title="bell: 256 answers", xlabel="standing, standard deviations", ylabel="reward, times an equal share")


def _round(axis: Any, name: str, scores: list[float]) -> None:
    for curve in CURVES:
        axis.plot(scores, divide(scores, curve=curve), "o-", color=COLOURS[curve], label=curve, markersize=4)
    paid = density(np.array([scores]))[0]
    axis.plot(scores, paid, "s--", color=ORIGINAL, label="the original's density", markersize=4)
    axis.set(title=name, xlabel="score", ylabel="share of the window's reward", ylim=(0, None))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else IMAGE)

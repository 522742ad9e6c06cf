"""Draw the bell curve: `python -m benchmarks.scoring.reward_chart docs/explanation/rewards.svg`."""

import math
import sys
from pathlib import Path

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

from conversation_genome.rewards import divide, standing

ROUNDS = {
    "7 honest miners, .35 to .70": [0.35, 0.40, 0.45, 0.5, 0.55, 0.6, 0.7],
    "one far ahead": [0.1, 0.2, 0.3, 0.4, 0.9],
}


def original(scores: list[float]) -> list[float]:
    """Return the shares of the original's curve: the density at the score."""
    mean = sum(scores) / len(scores)
    spread = math.sqrt(sum((score - mean) ** 2 for score in scores) / len(scores))
    densities = [math.exp(-((score - mean) ** 2) / (2 * spread**2)) for score in scores]
    return [density / sum(densities) for density in densities]


def main(path: Path) -> None:
    mpl.rcParams["svg.hashsalt"] = "rewards"
    figure, axes = plt.subplots(1, 3, figsize=(12, 3.6))
    many = [rank / 255 for rank in range(256)]
    axes[0].plot(standing(many), [reward * 256 for reward in divide(many)], color="#1b6ca8")
    axes[0].set(title="256 answers", xlabel="standing, standard deviations", ylabel="reward, times an equal share")
    for axis, (name, scores) in zip(axes[1:], ROUNDS.items(), strict=True):
        axis.plot(scores, divide(scores), "o-", color="#1b6ca8", label="ours")
        axis.plot(scores, original(scores), "s--", color="#b0413e", label="the original's density")
        axis.set(title=name, xlabel="score", ylabel="share of the reward", ylim=(0, None))
        axis.legend(frameon=False)
    for axis in axes:
        axis.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Counts which acts of lines call for each other, for relevance: writes `conversation_genome/quality/acts.json`.

Counted over every other talk (the first, the third ...) of sets that may be used freely: QMSum and TIAGE (MIT),
Synthetic-Persona-Chat, CaSiNo and Taskmaster-4 (CC BY 4.0), Schema-Guided Dialogue (CC BY-SA 4.0). What is kept are
figures about the commonest words of English, no text. The other talks of these sets and all of the other sets were never seen.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from conversation_genome.conversation import Utterance
from conversation_genome.quality.acts import BEFORE, BEGIN, END, features_of, may_call, signs_of
from conversation_genome.quality.base import Numbers
from conversation_genome.quality.reading import joined_clitics
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS: Final = (
    "meetings_qmsum",
    "segmentation_tiage",
    "profiles_spc",
    "profiles_casino",
    "task_taskmaster4",
    "segmentation_sgd",
)
LINES: Final = 200
"""Lines of a talk that are counted; talks of meetings are long."""
PAIRS: Final = 1_000
"""What a set weighs at most, in pairs: none shall speak for all."""
FIRST_WORDS: Final = 150
DIRECTIONS: Final = 32
RIDGE: Final = 0.5
"""Added to the variances, in units of their mean."""
STEPS: Final = 999
"""How finely a direction is written down."""


class Talk:
    """What is counted of a talk."""

    def __init__(self, lines: Sequence[Utterance]) -> None:
        self.texts = [joined_clitics(" ".join(line.text.split())) for line in lines]
        self.speakers = [line.speaker for line in lines]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--without", nargs="*", default=(), help="sets to leave out, to see what is owed to them")
    parser.add_argument("--out", type=Path, default=ROOT / "conversation_genome" / "quality" / "acts.json")
    arguments = parser.parse_args()
    sets = [_talks(arguments.data / f"{name}.jsonl") for name in SETS if name not in arguments.without]
    places = {name: place for place, name in enumerate(_features(sets))}
    content = {"features": list(places), "pairings": [_pairing(sets, places, back) for back in BEFORE]}
    arguments.out.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{len(places)} features, {arguments.out.stat().st_size} bytes")


def _talks(path: Path) -> list[Talk]:
    return [
        Talk([line for line in talk.lines[:LINES] if line.text.strip()]) for talk in list(read_conversations(path))[::2]
    ]


def _features(sets: Sequence[Sequence[Talk]]) -> list[str]:
    """Return all signs but first words, of which the commonest, each set weighing the same."""
    shares: Counter[str] = Counter()
    for talks in sets:
        lines = [text for talk in talks for text in talk.texts]
        for text in lines:
            shares.update({sign: 1 / len(lines) for sign in signs_of(text)})
    first = [sign for sign, _ in shares.most_common() if sign.startswith("first:")][:FIRST_WORDS]
    return sorted({sign for sign in shares if not sign.startswith("first:")} | set(first) | {BEGIN, END})


def _pairing(sets: Sequence[Sequence[Talk]], places: dict[str, int], back: int) -> dict[str, object]:
    befores, afters, weights = [], [], []
    for talks in sets:
        pairs = 0
        for talk in talks:
            rows, are_pairs = features_of(talk.texts, places), may_call(talk.speakers, back)
            befores.append(rows[:-back][are_pairs])
            afters.append(rows[back:][are_pairs])
            pairs += int(are_pairs.sum())
        weights.append(np.full(pairs, min(1.0, PAIRS / pairs)))
    before, after, weight = np.concatenate(befores), np.concatenate(afters), np.concatenate(weights)
    weight /= weight.sum()
    mean_before, mean_after = weight @ before, weight @ after
    before, after = before - mean_before, after - mean_after
    whiten_before, whiten_after = _whitening(before, weight), _whitening(after, weight)
    left, correlations, right = np.linalg.svd(whiten_before @ (before.T * weight) @ after @ whiten_after)
    first, second = whiten_before @ left[:, :DIRECTIONS], whiten_after @ right[:DIRECTIONS].T
    return {
        **_written("before", first, mean_before),
        **_written("after", second, mean_after),
        "correlations": [round(float(value), 4) for value in correlations[:DIRECTIONS]],
    }


def _whitening(centred: Numbers, weight: Numbers) -> Numbers:
    covariance = (centred.T * weight) @ centred
    ridge = RIDGE * np.trace(covariance) / len(covariance)
    values, vectors = np.linalg.eigh(covariance + ridge * np.eye(len(covariance)))
    return np.asarray((vectors * values**-0.5) @ vectors.T)


def _written(side: str, directions: Numbers, mean: Numbers) -> dict[str, object]:
    """Return the directions in whole steps of their greatest number, and where lines are on them on average."""
    units = [float(f"{value:.6g}") for value in np.abs(directions).max(axis=0) / STEPS]
    steps = np.rint(directions / units).astype(int)
    return {
        side: steps.tolist(),
        f"{side}_unit": units,
        f"centre_{side}": [round(float(value), 6) for value in mean @ (steps * units)],
    }


if __name__ == "__main__":
    main()

"""`python -m benchmarks.search.copies`: near-copies that the sketches find, and talks that are none but look like it.

Copies are made from real talks: without case and signs, with lines or words left out, cut short. Every pair of different
talks is compared for false alarms.
"""

import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

import numpy as np

from conversation_genome.search.sketching import SAME, SHINGLE_TERMS, likeness, sketch_of
from conversation_genome.vector_store.terms import terms

DATA: Final = Path(__file__).resolve().parents[3] / "shared" / "data"
FILES: Final = (
    "meetings_qmsum podcast_changelog chat_topicalchat segmentation_tiage profiles_casino task_taskmaster4 "
    "profiles_spc segmentation_sgd profiles_realpersona_ja"
)
DRAWN: Final = 300
Talk = list[str]
EDITS: Final[dict[str, Callable[[Talk, random.Random], Talk]]] = {
    "lower case, no commas and stops": lambda talk, _: [
        line.lower().replace(",", "").replace(".", "") for line in talk
    ],
    "5 % of the lines left out": lambda talk, rng: [line for line in talk if rng.random() > 0.05],
    "10 % of the lines left out": lambda talk, rng: [line for line in talk if rng.random() > 0.1],
    "20 % of the lines left out": lambda talk, rng: [line for line in talk if rng.random() > 0.2],
    "last 10 % cut off": lambda talk, _: talk[: int(len(talk) * 0.9)],
    "last 30 % cut off": lambda talk, _: talk[: int(len(talk) * 0.7)],
    "2 % of the words left out": lambda talk, rng: _without_words(talk, 0.02, rng),
    "5 % of the words left out": lambda talk, rng: _without_words(talk, 0.05, rng),
    "10 % of the words left out": lambda talk, rng: _without_words(talk, 0.1, rng),
}


def main() -> None:
    """Print the figures as Markdown."""
    talks = [
        [line[1] for line in json.loads(row)["lines"]]
        for name in FILES.split()
        for row in (DATA / f"{name}.jsonl").read_text().splitlines()
    ]
    started = time.process_time()
    sketches = [sketch_of(talk) for talk in talks]
    seconds = time.process_time() - started
    size = sum(len(line) for talk in talks for line in talk) / 1e6
    known = sum(map(bool, sketches))
    print(f"{len(talks):,} talks, {known:,} long enough; {size:.1f} million characters in {seconds:.1f} s\n")
    alarms, greatest = _alarms(sketches)
    print(
        f"{known * (known - 1) // 2:,} pairs of different talks: {alarms} taken for copies, the likest {greatest:.2f}\n"
    )
    print("| made from a real talk | found | median estimate | mean error |\n|---|---|---|---|")
    for name, edit in EDITS.items():
        print(_row(name, edit, talks, sketches))


def _alarms(sketches: Sequence[bytes]) -> tuple[int, float]:
    shares = [likeness(sketch, sketches[place + 1 :]) for place, sketch in enumerate(sketches[:-1])]
    every = np.concatenate(shares)
    return int((every >= SAME).sum()), float(every.max())


def _row(
    name: str, edit: Callable[[Talk, random.Random], Talk], talks: Sequence[Talk], sketches: Sequence[bytes]
) -> str:
    rng = random.Random(7)
    drawn = rng.sample([place for place, sketch in enumerate(sketches) if sketch], DRAWN)
    copies = {place: edit(talks[place], rng) for place in drawn}
    estimates = np.array([likeness(sketches[place], [sketch_of(copy)])[0] for place, copy in copies.items()])
    true = np.array([_jaccard(talks[place], copy) for place, copy in copies.items()])
    found, error = float((estimates >= SAME).mean()), float(np.abs(estimates - true).mean())
    return f"| {name} | {found:.1%} | {np.median(estimates):.2f} | {error:.3f} |"


def _jaccard(one: Talk, other: Talk) -> float:
    here, there = _shingles(one), _shingles(other)
    return len(here & there) / max(1, len(here | there))


def _shingles(talk: Talk) -> set[tuple[str, ...]]:
    words = [term for line in talk for term in terms(line)]
    return {tuple(words[place : place + SHINGLE_TERMS]) for place in range(len(words) - SHINGLE_TERMS + 1)}


def _without_words(talk: Talk, share: float, rng: random.Random) -> Talk:
    return [" ".join(word for word in line.split() if rng.random() > share) for line in talk]


if __name__ == "__main__":
    main()

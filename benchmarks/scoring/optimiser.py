"""The optimiser's attack: `python -m benchmarks.scoring.optimiser`. Which fixed tags earn most without reading anything?

Somebody who may score as often as he likes searches 20,000 words, greedily and by evolution, for the set of tags that earns most on
average over one half of the windows. What it earns on the other half, against an honest answer, is printed as Markdown.
"""

import argparse
import random
import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.scoring.cases import Case, all_cases, rows
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.scoring import Answer, Reference, ScoringWindow, score_answers, texts_to_embed
from conversation_genome.scoring.scale import MINILM
from conversation_genome.scoring.screening import fault_of
from conversation_genome.scoring.similarity import VectorTable, quantised
from conversation_genome.scoring.tag_table import TagTable
from conversation_genome.scoring.tags import SPEECH_FLOOR, SPEECH_SHARE, grade_tags
from conversation_genome.scoring.window import Background, WindowTexts, WindowTruth
from conversation_genome.scoring.wording import normalise

TEXTS = (
    "podcast_changelog",
    "meetings_qmsum",
    "segmentation_stitched",
    "profiles_spc",
    "profiles_casino",
    "chat_irc_ubuntu",
    "segmentation_sgd",
)


@dataclass
class Measured:
    """One window and what every word of the vocabulary is worth in it."""

    case: Case
    truth: WindowTruth
    table: TagTable
    barred: np.ndarray
    words: list[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--words", type=int, default=20_000)
    parser.add_argument("--windows", type=int, default=200, help="windows to search on; all others are fresh")
    parser.add_argument("--generations", type=int, default=400)
    chosen = parser.parse_args()
    embedder = load_embedder(chosen.models, threads=2)
    cases = shuffled_cases(2 * chosen.windows)
    seen, fresh = cases[: chosen.windows], cases[chosen.windows :]
    vocabulary = frequent_words(chosen.words)
    vectors = embedder.embed(vocabulary)
    shared = quantised(vectors)
    measured = [measure(case, vocabulary, vectors, shared, embedder) for case in seen]
    found = {
        "greedy": greedy(measured),
        **{f"evolved, seed {seed}": evolve(measured, seed, chosen.generations) for seed in (1, 2)},
    }
    honest = np.mean([earned(case, case.honest, embedder) for case in fresh if case.honest])
    print(f"# Optimiser's attack: {len(vocabulary)} words, {len(seen)} windows searched, {len(fresh)} fresh\n")
    print(f"An honest answer earns {honest:.3f} on the fresh windows.\n")
    print("| search | tags | earned when searched | on fresh windows | of honest |\n|---|---|---|---|---|")
    for name, rows_of in found.items():
        tags = tuple(vocabulary[row] for row in rows_of)
        now = np.mean([earned(case, tags, embedder) for case in fresh])
        print(f"| {name} | {', '.join(tags)} | {fitness(measured, rows_of):.3f} | {now:.3f} | {now / honest:.0%} |")


def shuffled_cases(count: int) -> list[Case]:
    """Half of the cases searched, half fresh; no conversation is in both, and no kind makes up more than 40 %."""
    found = sorted(all_cases(), key=lambda case: case.name)
    names = sorted({case.name.split("/")[0] for case in found})
    random.Random(11).shuffle(names)
    half, kept = set(names[::2]), []
    for is_seen in (True, False):
        side = [case for case in found if (case.name.split("/")[0] in half) == is_seen]
        random.Random(5).shuffle(side)
        left = Counter({case.kind: count // 5 for case in side})
        chosen = [case for case in side if (left.subtract([case.kind]) or left[case.kind] >= 0)]
        kept.append(chosen[: count // 2])
    size = min(map(len, kept))
    return [*kept[0][:size], *kept[1][:size]]


def frequent_words(count: int) -> list[str]:
    counts = Counter(
        word
        for file in TEXTS
        for record in rows(file)
        for line in record["lines"]
        for word in re.findall(r"[a-z]{3,}", line[1].lower())
    )
    return sorted(dict.fromkeys(normalise(word) for word, _ in counts.most_common(count)))


def scoring_window(case: Case) -> ScoringWindow:
    return ScoringWindow(tuple(map(Reference, case.references)), case.lines)


def measure(case: Case, vocabulary: list[str], vectors: np.ndarray, shared: np.ndarray, embedder: Embedder) -> Measured:
    texts = WindowTexts.of(scoring_window(case).references, case.lines)
    own = sorted(texts.to_embed() - set(vocabulary))
    table = VectorTable([*own, *vocabulary], np.concatenate([embedder.embed(own), vectors]))
    background = Background([*(item.text for item in texts.references), *vocabulary], table, MINILM)
    truth = WindowTruth.of(texts, table, MINILM, background)
    barred = np.array([fault_of(word, texts.surroundings) is not None for word in vocabulary])
    measured = TagTable.of(vocabulary, truth, table)
    for values in (measured.cover, measured.value, measured.borne):
        values[barred] = 0.0
    return Measured(case, truth, replace(measured, vectors=shared), barred, vocabulary)


def earned(case: Case, tags: tuple[str, ...], embedder: Embedder) -> float:
    window, answers = scoring_window(case), {"it": Answer(tags=tags)}
    texts = texts_to_embed(window, answers.values())
    return score_answers(window, answers, texts, embedder.embed(texts))["it"].score


def greedy(measured: list[Measured], most: int = 12) -> list[int]:
    """Add the word that raises the mean most until none does."""
    kept: list[int] = []
    best = 0.0
    while len(kept) < most:
        totals = np.mean([additions(item, kept) for item in measured], axis=0)
        totals[kept] = 0.0
        row = int(totals.argmax())
        if totals[row] <= best:
            break
        best = float(totals[row])
        kept.append(row)
    return kept


def additions(item: Measured, kept: list[int]) -> np.ndarray:
    """Return the score of `kept` and each word of the vocabulary (repetition aside): shape (t,)."""
    table, truth = item.table, item.truth
    covered = np.maximum(table.cover, table.cover[kept].max(axis=0, initial=0.0)[None, :])
    spoken = np.maximum(table.borne, table.borne[kept].max(axis=0, initial=0.0)[None, :]).mean(axis=1)
    themes = covered @ truth.weights
    speech = np.minimum(1.0, spoken / max(truth.speech_cover, SPEECH_FLOOR))
    coverage = np.maximum(
        (1 - SPEECH_SHARE) * themes + SPEECH_SHARE * speech, themes * (1 - SPEECH_SHARE * (1 - themes))
    )
    precision = (table.value[kept].sum() + table.value) / (len(kept) + 1)
    total = coverage + precision
    mean = np.divide(2 * coverage * precision, total, out=np.zeros_like(total), where=total > 0)
    return 0.9 * mean * np.sqrt(mean)


def fitness(measured: list[Measured], kept: list[int]) -> float:
    return float(np.mean([score(item, kept) for item in measured]))


def score(item: Measured, kept: list[int]) -> float:
    sound = [item.words[row] for row in kept if not item.barred[row]]
    return 0.9 * grade_tags(sound, len(kept), item.truth, item.table).score


def evolve(measured: list[Measured], seed: int, generations: int) -> list[int]:
    """Mutate the best of a small population; words that earn something somewhere are drawn first."""
    rng = random.Random(seed)
    worth = np.mean([item.table.value for item in measured], axis=0)
    pool = [int(row) for row in np.argsort(-worth)[:2_000]]
    population = [rng.sample(pool, rng.randint(1, 10)) for _ in range(12)]
    ranked = sorted(((fitness(measured, kept), kept) for kept in population), reverse=True)
    for _ in range(generations):
        child = mutated(rng.choice(ranked[:4])[1], rng.choice(ranked)[1], pool, rng)
        ranked = sorted([*ranked, (fitness(measured, child), child)], reverse=True)[:12]
    return ranked[0][1]


def mutated(kept: list[int], other: list[int], pool: list[int], rng: random.Random) -> list[int]:
    child = list(dict.fromkeys([*kept, *rng.sample(other, min(len(other), rng.randint(0, 2)))]))
    if len(child) > 1 and rng.random() < 0.6:
        child.pop(rng.randrange(len(child)))
    if rng.random() < 0.7:
        child = list(dict.fromkeys([*child, rng.choice(pool)]))
    return child[:20]


if __name__ == "__main__":
    main()

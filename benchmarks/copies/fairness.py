"""What leaving lines out does to honest scores, as Markdown: `python -m benchmarks.copies.fairness [--talks N]`."""

import argparse
from collections import defaultdict
from pathlib import Path

import numpy as np

from benchmarks.copies.talks import KINDS, talks
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.tasks.registry import task_type

ENGINES = ("extractive", "extractive-light")
MINERS = [f"miner-{number}" for number in range(7)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--talks", type=int, default=6, help="conversations of a kind")
    parser.add_argument("--models", type=Path, default=Path("models"))
    chosen = parser.parse_args()
    embedder = load_embedder(chosen.models)
    print("| conversations | engine | windows | shown whole | with lines left out | spread over editions |")
    print("|---|---|---|---|---|---|")
    for kind in KINDS:
        found = defaultdict(list)
        for conversation, _, asked in talks(kind, count=chosen.talks, half=1):
            for engine in ENGINES:
                found[engine] += scored(conversation, asked, engine, embedder)
        for engine, rows in found.items():
            if rows:
                whole, mean, spread = np.mean(rows, axis=0)
                print(f"| {kind} | {engine} | {len(rows)} | {whole:.3f} | {mean:.3f} | {spread:.3f} |")


def scored(
    talk: Conversation, asked: list[Window], engine_name: str, embedder: Embedder
) -> list[tuple[float, float, float]]:
    """Return (score of the whole window, mean and standard deviation over editions) of each varied window."""
    tagging, engine = task_type("conversation_tagging"), load_engine(engine_name, embedder)
    truth = tagging.generate(talk, asked, load_engine("extractive", embedder))
    rows = []
    for window in asked:
        shown = list(tagging.vary(talk, window, truth, MINERS, b"fair").values())
        if len({one.lines for one in shown}) < len(shown):
            continue
        scores = []
        for one in [window, *shown]:
            task = tagging.mask(talk, one, task_id="t", max_tags=12, timeout_seconds=1)
            answer = tagging.unmask(tagging.run(task, engine, embedder), talk, one)
            scores.append(tagging.score(talk, one, truth, {"m": answer}, embedder)["m"].score)
        rows.append((scores[0], float(np.mean(scores[1:])), float(np.std(scores[1:]))))
    return rows


if __name__ == "__main__":
    main()

"""Trains the judge of whole lines behind fluency: writes `conversation_genome/quality/fluency_probe.json`.

A logistic model over the line's vector that tells lines as people wrote them from the same lines spoilt (salad,
loops, words left out, cut short). Trained on sets that may be used freely: QMSum, TIAGE (MIT), Synthetic-Persona-Chat,
CaSiNo, Taskmaster-4 (CC BY 4.0). What is kept is one number a dimension, no text. The other sets were never seen.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression

from benchmarks.quality.spoilt_lines import SPOILERS, unpunctuated
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS = {
    "meetings_qmsum": 800,
    "segmentation_tiage": 700,
    "profiles_spc": 700,
    "profiles_casino": 600,
    "task_taskmaster4": 200,
}
BARE_SHARE = 0.25
"""Lines that lose their punctuation, whole and spoilt alike, so that a full stop is not taken for fluency."""
SEED = 4


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=2)
    pairs = [pair for name, count in SETS.items() for pair in _examples(data / f"{name}.jsonl", count)]
    vectors = embedder.embed([text for text, _ in pairs])
    is_whole = np.array([whole for _, whole in pairs])
    model = LogisticRegression(C=1.0, max_iter=1_000, class_weight="balanced").fit(vectors, is_whole)
    out = ROOT / "conversation_genome" / "quality" / "fluency_probe.json"
    out.write_text(json.dumps(_content(embedder, model), separators=(",", ":")) + "\n")
    print(f"{len(pairs)} lines, {model.score(vectors, is_whole):.3f} right, {out.stat().st_size} bytes")


def _content(embedder: Embedder, model: LogisticRegression) -> dict[str, object]:
    return {
        "model": embedder.model.name,
        "revision": embedder.model.revision,
        "bias": round(float(model.intercept_[0]), 4),
        "weights": [round(float(weight), 4) for weight in model.coef_[0]],
    }


def _examples(path: Path, count: int) -> list[tuple[str, bool]]:
    chance = random.Random(f"{SEED} {path.name}")
    lines = sorted(
        {line.text for talk in read_conversations(path) for line in talk.lines if len(line.text.split()) > 3}
    )
    examples = []
    for text in chance.sample(lines, min(count, len(lines))):
        line = unpunctuated(text) if chance.random() < BARE_SHARE else " ".join(text.split()[:60])
        examples += [(line, True), *((spoil(line, chance), False) for spoil in SPOILERS.values())]
    return examples


if __name__ == "__main__":
    main()

"""`python -m benchmarks.engines.windows.train`: makes the weights that `conversation_genome/windowing` ships."""

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

import numpy as np

from benchmarks.engines.windows.talks import CHAT_SET, TOPIC_SETS, load_talks
from benchmarks.engines.windows.training import fit_boundaries, fit_replies
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.windowing.boundaries import scale_free
from conversation_genome.windowing.gaps import CUE_FEATURES, MEANING_FEATURES
from conversation_genome.windowing.replies import FEATURES

FOLDER = Path(str(files("conversation_genome.windowing")))
DIGITS = 4


def train(embedder: Embedder, folder: Path = FOLDER) -> None:
    """Fit both models on all labelled talks and write their weights."""
    topics = [load_talks(name, embedder) for name in TOPIC_SETS]
    english = fit_boundaries(topics, lambda talk: talk.gaps)
    meaning = fit_boundaries(topics, lambda talk: scale_free(talk.gaps))
    models = {
        "english": _named((*MEANING_FEATURES, *CUE_FEATURES), *english),
        "meaning": _named(MEANING_FEATURES, *meaning),
    }
    _write(folder / "boundary_weights.json", models)
    replies = fit_replies(load_talks(CHAT_SET, embedder))
    _write(folder / "reply_weights.json", {"reply": _named(FEATURES, replies, 0.0)})


def _named(features: Sequence[str], weights: np.ndarray, bias: float) -> dict[str, object]:
    pairs = zip(features, weights.tolist(), strict=True)
    return {"bias": round(bias, DIGITS), "weights": {name: round(weight, DIGITS) for name, weight in pairs}}


def _write(path: Path, models: dict[str, dict[str, object]]) -> None:
    path.write_text(json.dumps(models, indent=1) + "\n", encoding="utf-8")
    print(path)


if __name__ == "__main__":
    settings = load_settings(RoleSettings)
    train(load_embedder(settings.models_path, threads=settings.embedding_threads))

"""What people's ratings say of the index: `python -m benchmarks.quality.ratings`, Spearman's rank correlation.

Whole talks by 1 - `boring_index`, lines by `lines` (within each talk, since each rater has a scale of their own, and over
all talks); beside them the mean cosine to the previous line, the length, and the share of different words. The last
rows have no raters: a random share of each talk's lines was replaced by bad ones, and the rank is that of the share.
"""

import argparse
import random
from collections.abc import Callable, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from benchmarks.quality.bad_replies import DULL
from benchmarks.quality.spoilt_lines import SPOILERS
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.quality import assess
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
RATED = {
    "chat_topicalchat": ("conversation_self_rating",),
    "profiles_casino": ("satisfaction", "opponent_likeness"),
    "profiles_realpersona_ja": ("interest", "informativeness", "satisfaction"),
}
SPOILT = ("chat_topicalchat", "segmentation_tiage", "profiles_spc", "profiles_casino", "segmentation_sgd")
Figures = dict[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--talks", type=int, default=120)
    arguments = parser.parse_args()
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=2)
    print(f"{'set':26}{'rated':38}{'talks':>6}{'ours':>8}{'cosine':>8}{'length':>8}{'diversity':>10}")
    for name, labels in RATED.items():
        talks = _talks(arguments.data / f"{name}.jsonl", arguments.talks)
        figures = _figures(talks, embedder)
        for label in labels:
            _show(name, label, figures, [_mean_of(talk, label) for talk in talks])
        if name == "chat_topicalchat":
            _lines(name, talks, embedder)
    for name in SPOILT:
        talks = _talks(arguments.data / f"{name}.jsonl", arguments.talks)
        spoilt = [_spoilt(talk, talks, random.Random(f"{name} {number}")) for number, talk in enumerate(talks)]
        _show(
            name, "lines left whole", _figures([talk for talk, _ in spoilt], embedder), [-share for _, share in spoilt]
        )


def _talks(path: Path, count: int) -> list[Conversation]:
    return [
        talk.model_copy(update={"lines": tuple(line for line in talk.lines if line.text.strip())})
        for talk in islice(read_conversations(path), 1, 2 * count, 2)
    ]


def _mean_of(talk: Conversation, label: str) -> float | None:
    known: dict[str, Any] = talk.labels.get("quality", {}).get(label) or {}
    return known.get("mean")


def _figures(talks: Sequence[Conversation], embedder: Embedder) -> Figures:
    vectors = [embedder.embed([line.text for line in talk.lines]) for talk in talks]
    return {
        "ours": [1 - assess(talk, embedder).boring_index for talk in talks],
        "cosine": [float(np.einsum("ij,ij->i", some[1:], some[:-1]).mean()) for some in vectors],
        "length": [float(np.mean([len(line.text) for line in talk.lines])) for talk in talks],
        "diversity": [_diversity([word for line in talk.lines for word in line.text.split()]) for talk in talks],
    }


def _diversity(words: Sequence[str]) -> float:
    return len(set(words)) / max(1, len(words))


def _show(name: str, label: str, figures: Figures, ratings: Sequence[float | None]) -> None:
    rated = [number for number, rating in enumerate(ratings) if rating is not None]
    ranks = [
        spearmanr([values[number] for number in rated], [ratings[number] for number in rated])[0]
        for values in figures.values()
    ]
    print(f"{name:26}{label:38}{len(rated):6}" + "".join(f"{rank:8.2f}" for rank in ranks), flush=True)


def _lines(name: str, talks: Sequence[Conversation], embedder: Embedder) -> None:
    """Show how the numbers of lines agree with the partner's rating of each message."""
    within: Figures = {measure: [] for measure in ("ours", "cosine", "length", "diversity")}
    for talk in talks:
        ratings = talk.labels["turn_rating_by_line"]
        if len(ratings) != len(talk.lines):
            continue
        vectors = embedder.embed([line.text for line in talk.lines])
        values = {
            "ours": assess(talk, embedder).lines[1:],
            "cosine": np.einsum("ij,ij->i", vectors[1:], vectors[:-1]),
            "length": [len(line.text) for line in talk.lines[1:]],
            "diversity": [_diversity(line.text.split()) for line in talk.lines[1:]],
        }
        _add_ranks(within, values, ratings[1:])
    print(
        f"{name:26}{'each message by the partner, within':38}{len(within['ours']):6}"
        + "".join(f"{np.mean(ranks):8.2f}" for ranks in within.values()),
        flush=True,
    )


def _add_ranks(within: Figures, values: dict[str, Any], ratings: Sequence[float | None]) -> None:
    rated = [number for number, rating in enumerate(ratings) if rating is not None]
    if len({ratings[number] for number in rated}) > 1 and len(set(values["diversity"])) > 1:
        for measure, ranks in within.items():
            ranks.append(float(spearmanr([values[measure][one] for one in rated], [ratings[one] for one in rated])[0]))


def _spoilt(talk: Conversation, talks: Sequence[Conversation], chance: random.Random) -> tuple[Conversation, float]:
    """Return the talk with a random share of its lines replaced by bad ones, and that share."""
    share = chance.random() * 0.8
    makers: tuple[Callable[[str], str], ...] = (
        lambda _: chance.choice(chance.choice(talks).lines).text,
        lambda _: chance.choice(DULL),
        lambda _: chance.choice(talk.lines).text,
        lambda text: chance.choice(list(SPOILERS.values()))(text, chance),
    )
    lines = [
        line.model_copy(update={"text": chance.choice(makers)(line.text) or "ok"}) if chance.random() < share else line
        for line in talk.lines
    ]
    return talk.model_copy(update={"lines": tuple(lines)}), share


if __name__ == "__main__":
    main()

"""How well the number of a line tells true replies from bad ones: `python -m benchmarks.quality.replies`.

For each set: the area under the curve (true replies against the bad ones of a kind, across contexts, 0.5 is chance),
and Spearman's rank correlation with the severity of the kinds; beside it the cosine to the previous line, the length
and the share of different words. Figures are of talks with an odd number, or of those with an even one (--part tune);
which sets weights were chosen on stands in RESULTS.md.
"""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

from scipy.stats import rankdata, spearmanr

from benchmarks.quality.bad_replies import SEVERITY, Material, Reply, replies
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.quality import assess
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS = (
    "segmentation_tiage",
    "chat_topicalchat",
    "profiles_spc",
    "profiles_casino",
    "segmentation_sgd",
    "podcast_changelog",
    "profiles_realpersona_ja",
)
KINDS = tuple(kind for kind in SEVERITY if kind != "true")
MEASURES = ("ours", "cosine", "length", "diversity")
TALKS = 120
MAX_LINES = 120


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--sets", nargs="*", default=list(SETS))
    parser.add_argument("--part", choices=("tune", "report"), default="report")
    parser.add_argument("--count", type=int, default=150, help="places a set")
    arguments = parser.parse_args()
    embedder = load_embedder(load_settings(RoleSettings).models_path, threads=2)
    talks = {name: talks_of(arguments.data / f"{name}.jsonl", arguments.part) for name in arguments.sets}
    print(f"{'set':24}{'measure':11}{'rank':>6}" + "".join(f"{kind:>12}" for kind in KINDS))
    for name in arguments.sets:
        strangers = [talk for other, some in talks.items() if other != name for talk in some]
        material = Material.of(talks[name], embedder)
        judged = replies(material, strangers, count=arguments.count, embedder=embedder, seed=name)
        for measure, values in measured(judged, embedder).items():
            figures = "".join(f"{one:12.2f}" for one in areas(judged, values).values())
            print(f"{name:24}{measure:11}{rank(judged, values):6.2f}{figures}", flush=True)


def talks_of(path: Path, part: str) -> list[Conversation]:
    chosen = islice(read_conversations(path), int(part == "report"), 2 * TALKS, 2)
    return [
        talk.model_copy(update={"lines": tuple(line for line in talk.lines if line.text.strip())[:MAX_LINES]})
        for talk in chosen
    ]


def measured(judged: Sequence[Reply], embedder: Embedder) -> dict[str, list[float]]:
    """Return each measure of the last line of each talk."""
    values: dict[str, list[float]] = {measure: [] for measure in MEASURES}
    for reply in judged:
        last, text = (line.text for line in reply.talk.lines[-2:])
        vectors = embedder.embed([last, text])
        words = text.split()
        values["ours"].append(assess(reply.talk, embedder).lines[-1])
        values["cosine"].append(float(vectors[0] @ vectors[1]))
        values["length"].append(float(len(text)))
        values["diversity"].append(len(set(words)) / max(1, len(words)))
    return values


def areas(judged: Sequence[Reply], values: Sequence[float]) -> dict[str, float]:
    """Return for each kind the chance that a true reply has a greater value than a bad one."""
    by_kind = {
        kind: [value for reply, value in zip(judged, values, strict=True) if reply.kind == kind] for kind in SEVERITY
    }
    return {kind: area(by_kind["true"], by_kind[kind]) for kind in KINDS}


def area(good: Sequence[float], bad: Sequence[float]) -> float:
    """Return the area under the curve, by ranks (Mann-Whitney)."""
    ranks = rankdata([*good, *bad])
    return float((ranks[: len(good)].sum() - len(good) * (len(good) + 1) / 2) / (len(good) * len(bad)))


def rank(judged: Sequence[Reply], values: Sequence[float]) -> float:
    """Return Spearman's correlation with how good each kind of reply is."""
    return float(spearmanr(values, [-SEVERITY[reply.kind] for reply in judged])[0])


if __name__ == "__main__":
    main()

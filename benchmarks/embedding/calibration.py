"""`python -m benchmarks.embedding.calibration`: the points that carry USE's cosines over to MiniLM's scale.

English texts that both models read, of the kinds that scoring compares: human word pairs and the topics that people
gave one talk (names), and topics against what was said in their own talk (passages). A point is a pair of cosines
that lie at the same quantile. `--names FOLDER` checks the curve of the names in the other languages with one more
source: the package `cldr-annotations-full` from npm, unpacked, which names a thousand things in each of them.
"""

import argparse
import json
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.embedding.scales import MULTILINGUAL_NAMES, MULTILINGUAL_PASSAGES
from conversation_genome.embedding.use_multilingual import LANGUAGES, UseMultilingualEmbedder
from conversation_genome.scoring.passages import passages_of
from conversation_genome.scoring.scale import Curve
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings

QUANTILES = (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.97, 0.99)
Pairs = list[tuple[str, str]]
Cosines = NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data", help="folder of the data")
    parser.add_argument("--names", type=Path, help="folder of the unpacked npm package cldr-annotations-full")
    parser.add_argument("--talks", type=int, default=40, help="of each kind")
    chosen = parser.parse_args()
    english, multilingual = OnnxEmbedder(load_settings(RoleSettings).models_path), UseMultilingualEmbedder()
    names, passages = pairs(chosen.data, chosen.talks)
    for kind, found, curve in (("names", names, MULTILINGUAL_NAMES), ("passages", passages, MULTILINGUAL_PASSAGES)):
        print_points(kind, cosines(found, multilingual), cosines(found, english), curve)
    if chosen.names:
        print_languages(chosen.names, english, multilingual)


def pairs(data: Path, talks: int) -> tuple[Pairs, Pairs]:
    """Return the pairs of names, and the pairs of a name and a passage, of every second talk (the others are kept)."""
    names = [(row["a"], row["b"]) for row in rows(data / "pairs_words.jsonl")][::2]
    passages: Pairs = []
    for topics, lines in list(talks_with_topics(data))[::2][: 2 * talks]:
        names += [(one, other) for at, one in enumerate(topics) for other in topics[:at]]
        passages += [(topic, passage) for topic in topics for passage in passages_of(lines)]
    return names, passages


def talks_with_topics(data: Path) -> Iterator[tuple[list[str], list[str]]]:
    talks = [
        (list(dict.fromkeys(row["labels"]["topics"])), [line[1] for line in row["lines"][:60]])
        for row in rows(data / "meetings_qmsum.jsonl")
    ]
    for row in rows(data / "segmentation_stitched.jsonl"):
        for part in row["labels"]["segments"]:
            lines = [line[1] for line in row["lines"][part["start"] : part["end"] + 1]]
            talks.append((list(dict.fromkeys(part["topics"])), lines))
    random.Random("talks").shuffle(talks)
    yield from talks


def rows(path: Path) -> Iterator[dict]:
    with path.open(encoding="utf-8") as file:
        yield from map(json.loads, file)


def cosines(found: Pairs, embedder: Embedder) -> Cosines:
    texts = list(dict.fromkeys(text for pair in found for text in pair))
    vectors = dict(zip(texts, embedder.embed(texts).astype(np.float64), strict=True))
    return np.array([vectors[one] @ vectors[other] for one, other in found])


def print_points(kind: str, theirs: Cosines, ours: Cosines, curve: Curve) -> None:
    print(f"\n{kind}: {len(theirs):,} pairs\n\n| quantile | USE | MiniLM | USE carried over |\n|---:|---:|---:|---:|")
    for quantile in QUANTILES:
        value = float(np.quantile(theirs, quantile))
        carried = np.interp(value, *zip(*curve, strict=True))
        print(f"| {quantile} | {value:.3f} | {np.quantile(ours, quantile):.3f} | {carried:.3f} |")


def print_languages(folder: Path, english: Embedder, multilingual: Embedder) -> None:
    """Print the quantiles of all pairs of 300 things, named in English for MiniLM and in each language for USE."""
    named = {code: annotations(folder, code) for code in ("en", *sorted(LANGUAGES))}
    things = sorted(set.intersection(*(set(one) for one in named.values())))
    things = random.Random("things").sample(things, 300)
    upper = np.triu_indices(len(things), 1)
    print("\n| language | " + " | ".join(map(str, QUANTILES)) + " |\n|---|" + "---:|" * len(QUANTILES))
    for label, code, embedder in [("MiniLM, en", "en", english)] + [(f"USE, {c}", c, multilingual) for c in named]:
        vectors = embedder.embed([named[code][thing] for thing in things]).astype(np.float64)
        found = (vectors @ vectors.T)[upper]
        carried = found if embedder is english else np.interp(found, *zip(*MULTILINGUAL_NAMES, strict=True))
        print(f"| {label} | " + " | ".join(f"{value:.3f}" for value in np.quantile(carried, QUANTILES)) + " |")


def annotations(folder: Path, code: str) -> dict[str, str]:
    path = folder / "annotations" / code / "annotations.json"
    found = json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"]
    return {
        thing: said["tts"][0]
        for thing, said in found.items()
        if "tts" in said and len(thing) <= 2 and ord(thing[0]) > 0x1F300
    }


if __name__ == "__main__":
    main()

"""`python -m benchmarks.embedding.fallback FOLDER`: which model to read a language with that neither was made for.

FOLDER is the unpacked npm package `cldr-annotations-full`. In each language 250 things are looked for, among their names, by
another word that people gave for them and that shares no word with the name: the mean of 1 / rank.
"""

import argparse
import json
import random
from pathlib import Path

import numpy as np

from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.embedding.use_multilingual import LANGUAGES, UseMultilingualEmbedder
from conversation_genome.settings import RoleSettings, load_settings

OTHERS = [
    "en",
    "sv",
    "da",
    "no",
    "cs",
    "sk",
    "uk",
    "bg",
    "hr",
    "ro",
    "hu",
    "fi",
    "el",
    "he",
    "hi",
    "bn",
    "vi",
    "id",
    "ms",
    "fa",
    "ca",
    "sl",
    "lt",
    "et",
    "fil",
    "sw",
]
THINGS = 250


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    models: list[Embedder] = [OnnxEmbedder(load_settings(RoleSettings).models_path), UseMultilingualEmbedder()]
    print("| language | MiniLM | USE |\n|---|---:|---:|")
    for code in [*sorted(LANGUAGES), *(other for other in OTHERS if other not in LANGUAGES)]:
        words, names = pairs(folder, code)
        found = " | ".join(f"{mean_reciprocal_rank(words, names, model):.3f}" for model in models)
        print(f"| {code} | {found} |")


def pairs(folder: Path, code: str) -> tuple[list[str], list[str]]:
    """Return another word for each of some things, and the things' names."""
    path = folder / "annotations" / code / "annotations.json"
    rng = random.Random(code)
    found = []
    for thing, said in json.loads(path.read_text(encoding="utf-8"))["annotations"]["annotations"].items():
        if "tts" in said and len(thing) <= 2 and ord(thing[0]) > 0x1F300:
            name = said["tts"][0]
            if others := [word for word in said.get("default", ()) if is_another(word.lower(), name.lower())]:
                found.append((rng.choice(others), name))
    chosen = rng.sample(found, min(THINGS, len(found)))
    return [word for word, _ in chosen], [name for _, name in chosen]


def is_another(word: str, name: str) -> bool:
    return word not in name and name not in word and not set(word.split()) & set(name.split())


def mean_reciprocal_rank(words: list[str], names: list[str], embedder: Embedder) -> float:
    cosines = embedder.embed(words) @ embedder.embed(names).T
    own = np.diag(cosines)[:, None]
    ranks = (cosines > own).sum(axis=1) + (cosines == own).sum(axis=1) / 2 + 0.5
    return float((1 / ranks).mean())


if __name__ == "__main__":
    main()

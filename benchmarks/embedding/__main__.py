"""`python -m benchmarks.embedding`: speed and agreement of the two backends, taken in turns in one run.

Both run on one thread. The processor's time is what counts on a machine that does other things too; the
fastest of the repeats is shown.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from scipy.stats import spearmanr

from conversation_genome.embedding.base import FloatArray
from conversation_genome.embedding.export import load_packaged
from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings

BATCHES = (1, 32, 256)
Embed = Callable[[Sequence[str]], FloatArray]


@dataclass(frozen=True, slots=True)
class Speed:
    """Sentences a second, by the clock on the wall and by the processor's."""

    wall: float
    cpu: float


def main() -> None:
    arguments = _arguments()
    torch.set_num_threads(1)
    ours = OnnxEmbedder(load_settings(RoleSettings).models_path)
    plain = load_packaged(batch_size=max(BATCHES))
    backends: dict[str, Embed] = {"onnxruntime": ours.embed, "sentence-transformers": plain.embed}
    pairs = [json.loads(line) for line in (arguments.data / "pairs_words.jsonl").open(encoding="utf-8")]
    texts = {"tags": _tags(pairs)[: arguments.texts], "utterances": _utterances(arguments.data)[: arguments.texts]}
    print(f"{arguments.texts} texts each, one thread, best of {arguments.repeats}, sentences a second\n")
    _print_speeds(backends, texts, arguments.repeats)
    _print_agreement(backends, texts, pairs)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data", help="folder of the data")
    parser.add_argument("--texts", type=int, default=256, help="texts of each kind")
    parser.add_argument("--repeats", type=int, default=3)
    return parser.parse_args()


def _tags(pairs: Sequence[dict[str, str]]) -> list[str]:
    """Return distinct tags of one and of two words in turns."""
    tags = [text for pair in pairs for text in (pair["a"], f"{pair['a']} {pair['b']}")]
    return list(dict.fromkeys(tags))


def _utterances(data: Path) -> list[str]:
    lines: list[str] = []
    with (data / "chat_topicalchat.jsonl").open(encoding="utf-8") as file:
        for record in file:
            lines += [line[1] for line in json.loads(record)["lines"]]
    return list(dict.fromkeys(lines))


def _print_speeds(backends: dict[str, Embed], texts: dict[str, list[str]], repeats: int) -> None:
    print("| texts | batch | " + " | ".join(f"{name} (CPU)" for name in backends) + " | ratio (CPU) | ratio (wall) |")
    print("|---|---:|" + "---:|" * (len(backends) + 2))
    for kind, sample in texts.items():
        for batch in BATCHES:
            speeds = _speeds(backends, sample, batch, repeats)
            ours, plain = speeds.values()
            cells = " | ".join(f"{speed.cpu:,.0f}" for speed in speeds.values())
            print(f"| {kind} | {batch} | {cells} | {ours.cpu / plain.cpu:.1f} | {ours.wall / plain.wall:.1f} |")


def _speeds(backends: dict[str, Embed], texts: list[str], batch: int, repeats: int) -> dict[str, Speed]:
    """Return the best of the repeats, the backends taking turns."""
    runs: dict[str, list[Speed]] = {name: [] for name in backends}
    for _ in range(repeats):
        for name, embed in backends.items():
            runs[name].append(_timed(embed, texts, batch))
    return {
        name: Speed(max(run.wall for run in of_one), max(run.cpu for run in of_one)) for name, of_one in runs.items()
    }


def _timed(embed: Embed, texts: list[str], batch: int) -> Speed:
    wall, cpu = time.perf_counter(), time.process_time()
    for start in range(0, len(texts), batch):
        embed(texts[start : start + batch])
    return Speed(len(texts) / (time.perf_counter() - wall), len(texts) / (time.process_time() - cpu))


def _print_agreement(backends: dict[str, Embed], texts: dict[str, list[str]], pairs: Sequence[dict[str, str]]) -> None:
    print("\n| word pairs (Spearman with people) | pairs | " + " | ".join(backends) + " |")
    print("|---|---:|" + "---:|" * len(backends))
    lists: dict[str, list[dict[str, str]]] = defaultdict(list)
    for pair in pairs:
        lists[pair["source"].rsplit("/", 1)[-1]].append(pair)
    for name, of_list in sorted(lists.items()):
        cells = " | ".join(f"{_spearman(embed, of_list):.4f}" for embed in backends.values())
        print(f"| {name} | {len(of_list)} | {cells} |")
    everything = [text for sample in texts.values() for text in sample]
    ours, plain = (embed(everything) for embed in backends.values())
    print(f"\nlargest difference of a component: {np.abs(ours - plain).max():.1e} over {len(everything)} texts")


def _spearman(embed: Embed, pairs: Sequence[dict[str, str]]) -> float:
    similarity = (embed([pair["a"] for pair in pairs]) * embed([pair["b"] for pair in pairs])).sum(axis=1)
    return float(spearmanr(similarity, [float(pair["score"]) for pair in pairs]).statistic)


if __name__ == "__main__":
    main()

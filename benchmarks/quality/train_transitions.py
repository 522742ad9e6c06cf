"""Counts which word follows which in well-formed talk, for the fluency of English: writes `transitions.json`.

Counted over sets that may be used freely: QMSum and TIAGE (MIT), Synthetic-Persona-Chat, CaSiNo and
Taskmaster-4 (CC BY 4.0). What is kept are figures about the commonest words of English, no text.
"""

import argparse
import json
import math
from collections import Counter
from itertools import pairwise
from pathlib import Path

from conversation_genome.quality.transitions import SMOOTHING, classes_of, plain_tokens
from conversation_genome.sources.jsonl import read_conversations

ROOT = Path(__file__).resolve().parents[2]
SETS = ("meetings_qmsum", "segmentation_tiage", "profiles_spc", "profiles_casino", "task_taskmaster4")
LINES = {"meetings_qmsum": 12_000}
WORDS = 350
LEAST_COUNT = 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    data = parser.parse_args().data
    lines = [line for name in SETS for line in _lines(data / f"{name}.jsonl", LINES.get(name, 1_000_000))]
    counts = Counter(token for line in lines for token in plain_tokens(line) if token[0].isalpha())
    words = frozenset(word for word, _ in counts.most_common(WORDS))
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for line in lines:
        classes = classes_of(line, words)
        singles.update(classes)
        pairs.update(pairwise(classes))
    total = sum(singles.values())
    table: dict[str, dict[str, float]] = {}
    for (first, second), count in sorted(pairs.items()):
        if count >= LEAST_COUNT:
            share = singles[second] / total
            value = math.log2((count + SMOOTHING * share) / (singles[first] + SMOOTHING) / share)
            table.setdefault(first, {})[second] = round(value, 1)
    unseen = {name: round(math.log2(SMOOTHING / (count + SMOOTHING)), 1) for name, count in sorted(singles.items())}
    out = ROOT / "conversation_genome" / "quality" / "transitions.json"
    content = {"words": sorted(words), "unseen": unseen, "seen": table}
    out.write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{len(lines)} lines, {len(pairs)} pairs, {out.stat().st_size} bytes")


def _lines(path: Path, limit: int) -> list[str]:
    texts = [line.text for talk in read_conversations(path) for line in talk.lines if len(line.text) > 8]
    return texts[:: max(1, len(texts) // limit)]


if __name__ == "__main__":
    main()

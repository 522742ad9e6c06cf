"""Counts which word follows which in well-formed talk, for fluency: writes `transitions.json` and `kana.json`.

English is counted over sets that may be used freely: QMSum and TIAGE (MIT), Synthetic-Persona-Chat, CaSiNo and
Taskmaster-4 (CC BY 4.0). Japanese is counted over every other talk of RealPersonaChat (CC BY-SA 4.0). What is kept
are figures about the commonest words of English and about kana, no text.
"""

import argparse
import json
import math
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from conversation_genome.quality.transitions import (
    ENGLISH,
    JAPANESE,
    SMOOTHING,
    TableName,
    classes_of,
    plain_tokens,
    symbols_of,
)
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
    _write(ENGLISH, [classes_of(line, words) for line in lines], words)
    japanese = list(read_conversations(data / "profiles_realpersona_ja.jsonl"))[::2]
    _write(JAPANESE, [symbols_of(line.text) for talk in japanese for line in talk.lines], frozenset())


def _write(name: TableName, lines: Sequence[Sequence[str]], words: frozenset[str]) -> None:
    singles: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    for classes in lines:
        singles.update(classes)
        pairs.update(pairwise(classes))
    total = sum(singles.values())
    table: dict[str, dict[str, float]] = {}
    for (first, second), count in sorted(pairs.items()):
        if count >= LEAST_COUNT:
            share = singles[second] / total
            value = math.log2((count + SMOOTHING * share) / (singles[first] + SMOOTHING) / share)
            table.setdefault(first, {})[second] = round(value, 1)
    unseen = {word: round(math.log2(SMOOTHING / (count + SMOOTHING)), 1) for word, count in sorted(singles.items())}
    out = ROOT / "conversation_genome" / "quality" / f"{name}.json"
    content = {"words": sorted(words), "unseen": unseen, "seen": table}
    out.write_text(json.dumps(content, separators=(",", ":"), ensure_ascii=False) + "\n")
    print(f"{out.name}: {len(lines)} lines, {len(pairs)} pairs, {out.stat().st_size} bytes")


def _lines(path: Path, limit: int) -> list[str]:
    texts = [line.text for talk in read_conversations(path) for line in talk.lines if len(line.text) > 8]
    return texts[:: max(1, len(texts) // limit)]


if __name__ == "__main__":
    main()

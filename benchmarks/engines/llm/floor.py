"""`python -m benchmarks.engines.llm.floor`: where the floor lies under which a tag is not about the talk.

What people say a talk is about must lie above it, what they say of other talks below; the nearest line decides.
The floor was chosen on the first half of each file; the second half is told beside it.
"""

import json
import random
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from benchmarks.engines.llm.__main__ import DATA
from conversation_genome.engines.extractive.cleaning import cleaned
from conversation_genome.engines.llm.containment import TAG_FLOOR, nearness
from tests_ap.examples import ready_embedder

FLOORS = (0.2, 0.25, 0.3, 0.35, 0.4)
PART_LINES = 120
FOREIGN = 8
Case = tuple[list[str], list[str]]
"""Lines, and what people say they are about."""


def main() -> None:
    for name, cases in (("entities of chats", chats()), ("topics of meetings", meetings())):
        every = list(cases)
        for half, part in (("tuned on", every[0::2]), ("held out", every[1::2])):
            report(f"{name}, {half}", part)


def chats(count: int = 150) -> Iterator[Case]:
    for row in rows("chat_topicalchat", count):
        yield spoken(row["lines"]), sorted(set(row["labels"]["entities_used"]))


def meetings(count: int = 40) -> Iterator[Case]:
    for row in rows("meetings_qmsum", count):
        for segment in row["labels"]["topic_segments"]:
            start, end = segment["spans"][0]
            yield spoken(row["lines"][start : end + 1][:PART_LINES]), [segment["topic"]]


def rows(name: str, count: int) -> Iterator[dict[str, Any]]:
    with (DATA / f"{name}.jsonl").open(encoding="utf-8") as file:
        yield from (json.loads(line) for line, _ in zip(file, range(count), strict=False))


def spoken(lines: Iterable[Sequence[Any]]) -> list[str]:
    return [text for text in (cleaned(str(line[1])) for line in lines) if text]


def report(name: str, cases: Sequence[Case]) -> None:
    chance = random.Random(7)
    every = sorted({topic for _, topics in cases for topic in topics})
    own, foreign = [], []
    for lines, topics in cases:
        others = [topic for topic in chance.sample(every, FOREIGN) if topic not in topics]
        own += nearness(topics, lines, ready_embedder())
        foreign += [near for near in nearness(others, lines, ready_embedder()) if near < 1]
    shares = "  ".join(f"{floor}: {share(own, floor):.2f} / {share(foreign, floor):.2f}" for floor in FLOORS)
    print(f"{name} ({len(own)} own, {len(foreign)} foreign), kept of own / of foreign at a floor of  {shares}")
    print(f"  at {TAG_FLOOR}: {share(own, TAG_FLOOR):.3f} / {share(foreign, TAG_FLOOR):.3f}")


def share(values: Sequence[float], floor: float) -> float:
    return float(np.mean([value >= floor for value in values]))


if __name__ == "__main__":
    main()

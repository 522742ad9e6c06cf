"""A million windows of real sentences, recombined from the talks in `shared/data`, with real questions to ask of them.

A window is two runs of four to six lines one after another, each out of another talk; its vector is the mean of its lines'
vectors, as the product makes it. No two windows are equal. Questions are what people asked about the QMSum
meetings, and windows of eight lines that were held out.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from conversation_genome.embedding.onnx import OnnxEmbedder
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings
from conversation_genome.vector_store.base import FloatArray, Level, VectorModel, VectorRecord

DATA: Final = PROJECT_ROOT.parent / "shared" / "data"
SEED: Final = 20_250_101
WINDOWS_A_TALK: Final = 100
LINE_CHARACTERS: Final = 600
HELD_OUT: Final = 500
EPOCH: Final = datetime(2022, 1, 1, tzinfo=UTC)
DAYS: Final = 1_000
MODEL: Final = VectorModel("all-MiniLM-L6-v2", "recombined", 384)


@dataclass(frozen=True)
class Corpus:
    """The lines, and the windows made of them."""

    texts: list[str]
    sources: list[str]
    """By line."""
    lines: FloatArray
    """Shape (lines, 384)."""
    runs: NDArray[np.int32]
    """Shape (windows, 4): first line and length of either run."""
    vectors: FloatArray
    """Shape (windows, 384)."""
    questions: list[str]
    question_vectors: FloatArray
    held_out: FloatArray
    """Vectors of windows that are not among `vectors`."""

    def text(self, number: int) -> str:
        """Return what is said in a window, a line an utterance."""
        first, length, second, more = (int(value) for value in self.runs[number])
        return "\n".join(self.texts[first : first + length] + self.texts[second : second + more])

    def record(self, number: int) -> VectorRecord:
        """Return a window as the store keeps it; a hundred of them belong to one talk."""
        talk = number // WINDOWS_A_TALK
        source = self.sources[int(self.runs[number, 0])]
        return VectorRecord(
            conversation_id=f"talk-{talk:06}",
            level=Level.WINDOW,
            part=f"2-{number % WINDOWS_A_TALK:03}",
            text=self.text(number),
            vector=self.vectors[number],
            model=MODEL,
            title=f"Talk {talk}",
            source=source,
            language="en-GB" if source == "meetings_qmsum" else "en",
            started_at=EPOCH + timedelta(days=talk % DAYS, hours=talk % 24),
            tags=(f"subject {talk % 100}", f"group {talk % 5}"),
        )

    def records(self, start: int, stop: int) -> list[VectorRecord]:
        """Return some windows."""
        return [self.record(number) for number in range(start, min(stop, len(self.vectors)))]

    @cached_property
    def queries(self) -> FloatArray:
        """Half of them asked by people, half held out, in turns: shape (2 n, 384)."""
        count = min(len(self.question_vectors), len(self.held_out))
        pairs = np.stack([self.question_vectors[:count], self.held_out[:count]], axis=1)
        return np.ascontiguousarray(pairs.reshape(2 * count, -1))

    def query_text(self, number: int) -> str:
        """Return words that go with a query: the question, or for a held-out window the question before it."""
        return self.questions[number // 2]


def load(cache: Path, windows: int) -> Corpus:
    """Return the first windows of a corpus that `main` has made."""
    known = json.loads((cache / "lines.json").read_text(encoding="utf-8"))
    return Corpus(
        texts=known["texts"],
        sources=known["sources"],
        lines=np.load(cache / "lines.npy", mmap_mode="r"),
        runs=np.load(cache / "runs.npy", mmap_mode="r")[:windows],
        vectors=np.load(cache / "windows.npy", mmap_mode="r")[:windows],
        questions=known["questions"],
        question_vectors=np.load(cache / "questions.npy"),
        held_out=np.load(cache / "held_out.npy"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path, help="folder for the arrays (4 GB at a million)")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--windows", type=int, default=1_000_000)
    chosen = parser.parse_args()
    chosen.cache.mkdir(parents=True, exist_ok=True)
    embed_lines(chosen.cache, chosen.data)
    recombine(chosen.cache, chosen.windows)


def embed_lines(cache: Path, data: Path) -> None:
    """Embed every distinct line and question once; where that was done before, do nothing."""
    if (cache / "questions.npy").is_file():
        return
    texts, sources, talks, questions = _read(data)
    embedder = OnnxEmbedder(load_settings(RoleSettings).models_path, threads=2)
    started = time.monotonic()
    np.save(cache / "lines.npy", embedder.embed(texts))
    np.save(cache / "questions.npy", embedder.embed(questions))
    known = {"texts": texts, "sources": sources, "talks": talks, "questions": questions}
    (cache / "lines.json").write_text(json.dumps(known), encoding="utf-8")
    print(f"{len(texts):,} lines of {len(talks):,} talks embedded in {time.monotonic() - started:.0f} s")


def recombine(cache: Path, windows: int) -> None:
    """Make the windows and those that are held out."""
    known = json.loads((cache / "lines.json").read_text(encoding="utf-8"))
    lines = np.load(cache / "lines.npy")
    runs = _runs(np.random.default_rng(SEED), known["talks"], windows + HELD_OUT)
    vectors = _means(lines, runs)
    np.save(cache / "runs.npy", runs[:windows])
    np.save(cache / "windows.npy", vectors[:windows])
    np.save(cache / "held_out.npy", vectors[windows:])
    print(f"{windows:,} windows, {len(known['questions'])} questions, {HELD_OUT} held out")


def _read(data: Path) -> tuple[list[str], list[str], list[list[int]], list[str]]:
    """Return the lines talk by talk, the file of each, the first and the last line of each talk, and the questions."""
    texts: list[str] = []
    sources: list[str] = []
    talks: list[list[int]] = []
    seen: set[str] = set()
    questions: dict[str, None] = {}
    for path in sorted(data.glob("*.jsonl")):
        for row in _rows(path):
            first = len(texts)
            for text in _lines(row):
                if text not in seen:
                    seen.add(text)
                    texts.append(text)
                    sources.append(path.stem)
            if len(texts) - first >= 8:
                talks.append([first, len(texts)])
            if path.stem == "meetings_qmsum":
                questions |= dict.fromkeys(asked["query"] for asked in row["labels"]["queries"])
    return texts, sources, talks, sorted(questions)[:HELD_OUT]


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        yield from (json.loads(line) for line in file)


def _lines(row: dict[str, Any]) -> Iterator[str]:
    """Yield the lines of three words or more."""
    for line in row.get("lines") or ():
        text = " ".join(line[1].split())[:LINE_CHARACTERS] if isinstance(line, list) else ""
        if len(text.split()) >= 3:
            yield text


def _runs(random: np.random.Generator, talks: list[list[int]], count: int) -> NDArray[np.int32]:
    """Return distinct pairs of runs of four to six lines, each out of another talk: shape (count, 4)."""
    bounds = np.array(talks)
    weights = (bounds[:, 1] - bounds[:, 0]) / (bounds[:, 1] - bounds[:, 0]).sum()
    found = np.empty((0, 4), dtype=np.int32)
    while len(found) < count:
        chosen = random.choice(len(bounds), size=(count + count // 8, 2), p=weights)
        chosen = chosen[chosen[:, 0] != chosen[:, 1]]
        lengths = random.integers(4, 7, size=chosen.shape)
        room = bounds[chosen, 1] - bounds[chosen, 0] - lengths
        starts = bounds[chosen, 0] + (random.random(chosen.shape) * (room + 1)).astype(np.int64)
        runs = np.stack([starts[:, 0], lengths[:, 0], starts[:, 1], lengths[:, 1]], axis=1).astype(np.int32)
        found = np.concatenate([found, runs])
        _, first = np.unique(found, axis=0, return_index=True)
        found = found[np.sort(first)]
    return found[:count]


def _means(lines: FloatArray, runs: NDArray[np.int32]) -> FloatArray:
    """Return the unit mean of each window's lines: shape (len(runs), d)."""
    sums = np.concatenate([np.zeros((1, lines.shape[1])), np.cumsum(lines, axis=0, dtype=np.float64)])
    vectors = np.empty((len(runs), lines.shape[1]), dtype=np.float32)
    for start in range(0, len(runs), 50_000):
        first, length, second, more = runs[start : start + 50_000].T
        mean = sums[first + length] - sums[first] + sums[second + more] - sums[second]
        vectors[start : start + 50_000] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return vectors


if __name__ == "__main__":
    main()

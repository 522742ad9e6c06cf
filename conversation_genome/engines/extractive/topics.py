"""Topics: an open vocabulary, so that talk of subways and buses earns `public transportation`.

A topic is near a talk if it is near what sets the talk apart from any other talk: the mean of everyday lines is
taken off the talk's vector first (the mean-centring of Mu and Viswanath, ICLR 2018, `All-but-the-Top`, against a
background of talk), since some topics (`jokes`, `communication`) are near all talk that there is.
"""

import hashlib
import math
import threading
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

import numpy as np

from conversation_genome.atomic_file import write_bytes_atomically
from conversation_genome.embedding.base import Embedder, EmbeddingModel, FloatArray
from conversation_genome.embedding.files import MODEL_NAME

CENTRING: Final = 0.7
"""Share of the background's vector that is taken off."""
LEAST_LIKENESS: Final = 0.3
"""MiniLM's cosine under which a topic is not what the talk is about; a wrong one is worse than none."""
LEAST_LIKENESS_OTHERS: Final = 0.26
"""The same for models whose cosines of talk and topic lie closer together, such as USE-multilingual's."""
UNSAID_WORD: Final = 0.08
"""Added to that for a single word that nobody said: `roses` are near any talk of flowers, `flower garden` is about it."""
LEAST_SHARE: Final = 0.75
"""Of the nearest topic's cosine: what is further off than that is only related to what the talk is about."""
MOST: Final = 20
LEAST_PARTS: Final = 2
LEAST_PARTS_SHARE: Final = 0.1
"""Of the parts, that have to be about a topic before a long talk is."""


@dataclass(frozen=True, slots=True)
class Topic:
    """One entry of the vocabulary."""

    text: str
    broader: str
    is_name: bool
    """Whether it has a capital: a name stands for itself only, so it has to be said."""


@dataclass(frozen=True, slots=True)
class TopicTable:
    """The vocabulary in one model's space."""

    vectors: FloatArray
    """Shape (topics, d), unit vectors."""
    background: FloatArray
    """Shape (d,): the unit mean of everyday lines."""
    least: float = LEAST_LIKENESS

    def centred(self, mean: FloatArray) -> FloatArray:
        """Return what sets a unit mean of lines apart from everyday talk: shape (d,), of length 1 (0 if nothing)."""
        rest: FloatArray = mean - np.float32(CENTRING) * self.background
        length = np.float32(np.linalg.norm(rest))
        return rest / length if length > 0 else rest

    def near(self, centred: FloatArray, spoken: str) -> list[tuple[int, float]]:
        """Return up to MOST topics (number, cosine) that a stretch of talk is about, nearest first.

        Args:
            centred: See `centred`.
            spoken: What was said in the stretch: a name counts only if it is in there.
        """
        likeness = self.vectors @ centred
        least = max(self.least, LEAST_SHARE * float(likeness.max(initial=0.0)))
        close = np.flatnonzero(likeness >= least)
        ordered = sorted(close.tolist(), key=lambda number: (-float(likeness[number]), number))
        lowered = spoken.lower()
        found = [(number, float(likeness[number])) for number in ordered]
        return [item for item in found if self._may_be(topics()[item[0]], item[1], spoken, lowered)][:MOST]

    def _may_be(self, topic: Topic, likeness: float, spoken: str, lowered: str) -> bool:
        if topic.is_name:
            return topic.text in spoken
        is_phrase = " " in topic.text
        return is_phrase or likeness >= self.least + UNSAID_WORD or topic.text.rstrip("s") in lowered


def recurring(parts: Sequence[Sequence[tuple[int, float]]]) -> list[tuple[int, float]]:
    """Return the topics (number, mean cosine) that several parts of a talk are about, nearest first.

    Args:
        parts: What each part is about, as `TopicTable.near` gives it.
    """
    found: defaultdict[int, list[float]] = defaultdict(list)
    for near in parts:
        for number, likeness in near:
            found[number].append(likeness)
    needed = max(LEAST_PARTS, LEAST_PARTS_SHARE * len(parts))
    means = {number: math.fsum(seen) / len(seen) for number, seen in found.items() if len(seen) >= needed}
    return sorted(means.items(), key=lambda item: (-item[1], item[0]))[:MOST]


class TopicTables:
    """The vocabulary's vectors, made once a model and kept in a folder; safe across threads."""

    def __init__(self, folder: Path | None = None) -> None:
        """Keep what is made in a folder (`cgp setup` fills it), or in memory alone."""
        self._folder = folder
        self._tables: dict[EmbeddingModel, TopicTable] = {}
        self._backgrounds: dict[EmbeddingModel, TopicTable] = {}
        self._lock = threading.Lock()

    def of(self, embedder: Embedder) -> TopicTable:
        """Return the vocabulary in the space of an embedder; its first call for a model may take seconds.

        Raises:
            ModelUnavailableError: If the model cannot be used.
        """
        with self._lock:
            if embedder.model not in self._tables:
                vectors = self._kept(embedder)
                least = LEAST_LIKENESS if embedder.model.name == MODEL_NAME else LEAST_LIKENESS_OTHERS
                self._tables[embedder.model] = TopicTable(vectors[1:], vectors[0], least)
            return self._tables[embedder.model]

    def background_of(self, embedder: Embedder) -> TopicTable:
        """Return a table without topics, for talk in languages that they have no names in: the background alone.

        Raises:
            ModelUnavailableError: If the model cannot be used.
        """
        with self._lock:
            if embedder.model not in self._backgrounds:
                none = np.empty((0, embedder.model.dimensions), dtype=np.float32)
                self._backgrounds[embedder.model] = TopicTable(none, _background(embedder))
            return self._backgrounds[embedder.model]

    def is_kept(self, model: EmbeddingModel) -> bool:
        """Tell whether the folder holds a model's vectors, whole."""
        path = self._path(model)
        return path is not None and path.is_file() and path.stat().st_size == 4 * math.prod(_shape(model))

    def _kept(self, embedder: Embedder) -> FloatArray:
        path = self._path(embedder.model)
        if path is not None and self.is_kept(embedder.model):
            return np.fromfile(path, dtype="<f4").reshape(_shape(embedder.model))
        vectors = _made(embedder)
        if path is not None:
            try:
                write_bytes_atomically(path, vectors.astype("<f4").tobytes())
            except OSError:  # a folder that only `cgp setup` may write: they are made again next time
                return vectors
        return vectors

    def _path(self, model: EmbeddingModel) -> Path | None:
        if self._folder is None:
            return None
        content = "\n".join([model.model_dump_json(), *(topic.text for topic in topics()), *everyday_talk()])
        digest = hashlib.blake2b(content.encode(), digest_size=8).hexdigest()
        return self._folder / f"topics-{digest}.f32"


@cache
def topics() -> tuple[Topic, ...]:
    """Return the vocabulary, in the file's order."""
    found, broader = [], ""
    for line in _lines("topics"):
        if line.startswith("# "):
            broader = line.removeprefix("# ")
        else:
            found.append(Topic(text=line, broader=broader, is_name=any(word[:1].isupper() for word in line.split())))
    return tuple(found)


@cache
def everyday_talk() -> tuple[str, ...]:
    """Return the lines that could stand in any talk."""
    return tuple(_lines("everyday_talk"))


def _shape(model: EmbeddingModel) -> tuple[int, int]:
    return len(topics()) + 1, model.dimensions


def _made(embedder: Embedder) -> FloatArray:
    """Return the background's unit mean and the topics' vectors: shape (1 + topics, d), float32."""
    return np.concatenate([_background(embedder)[None, :], embedder.embed([topic.text for topic in topics()])])


def _background(embedder: Embedder) -> FloatArray:
    """Return the unit mean of everyday lines: shape (d,), float32."""
    mean = embedder.embed(everyday_talk()).mean(axis=0, dtype=np.float64)
    unit: FloatArray = (mean / np.linalg.norm(mean)).astype(np.float32)
    return unit


def _lines(name: str) -> list[str]:
    text = resources.files(f"{__package__}.words").joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return [line.strip() for line in text.splitlines() if line.strip() and not line.startswith("##")]

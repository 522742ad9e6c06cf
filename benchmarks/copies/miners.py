"""Honest miners of several engines, and copiers of several kinds."""

import random
from collections.abc import Callable
from typing import Final

import numpy as np
import yake

from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.scoring.copies import Statement, roots
from conversation_genome.tasks.registry import task_type

Said = tuple[tuple[str, ...], tuple[str, ...]]
"""Tags and facts."""
Reader = Callable[[MinerTask], Said]
SAME_ENGINE: Final = ("deep", "deep twin", "deep, 20 tags", "light", "light twin", "yake", "yake twin", "yake, other")


def readers(embedder: Embedder) -> dict[str, Reader]:
    """Return the honest miners by name; twins run one engine with the same settings."""
    deep, light = load_engine("extractive", embedder), load_engine("extractive-light", embedder)
    return {
        "deep": lambda task: _extracted(task, deep, 12, embedder),
        "deep twin": lambda task: _extracted(task, deep, 12, embedder),
        "deep, 20 tags": lambda task: _extracted(task, deep, 20, embedder),
        "light": lambda task: _extracted(task, light, 8, embedder),
        "light twin": lambda task: _extracted(task, light, 8, embedder),
        "yake": lambda task: _yake(task, words=2, seed=None),
        "yake twin": lambda task: _yake(task, words=2, seed=None),
        "yake, other": lambda task: _yake(task, words=3, seed=None),
        "yake, seed 1": lambda task: _yake(task, words=2, seed=1),
        "yake, seed 2": lambda task: _yake(task, words=2, seed=2),
        "free words": _FreeWords(embedder, load_engine("extractive", embedder)),
    }


def _extracted(task: MinerTask, engine: Engine, count: int, embedder: Embedder) -> Said:
    answer: MinerAnswer = task_type(task.task_type).run(task.model_copy(update={"max_tags": count}), engine, embedder)
    facts = tuple(fact.text for profile in answer.profiles for fact in profile.facts)
    return tuple(tag.text for tag in answer.tags), facts


def _yake(task: MinerTask, *, words: int, seed: int | None) -> Said:
    """Return YAKE's twelve best of the window; with a seed, twelve drawn from its twenty best."""
    extractor = yake.KeywordExtractor(n=words, top=20)
    found = [text for text, _ in extractor.extract_keywords("\n".join(text for _, text in task.lines))]
    if seed is not None:
        random.Random(f"{seed}/{task.task_id}").shuffle(found)
    return tuple(found[:12]), ()


class _FreeWords:
    """Stands in for a language model: half of its tags are the nearest words of a vocabulary that it brought along."""

    def __init__(self, embedder: Embedder, engine: Engine) -> None:
        self._embedder, self._engine = embedder, engine
        self._words = vocabulary()
        self._vectors = embedder.embed(self._words)

    def __call__(self, task: MinerTask) -> Said:
        tags, facts = _extracted(task, self._engine, 12, self._embedder)
        if not tags:
            return tags, facts
        nearest = np.argmax(self._embedder.embed(list(tags)) @ self._vectors.T, axis=1)
        free = tuple(self._words[index] for index in nearest)
        return tuple(
            dict.fromkeys(
                one if place % 2 else other for place, (one, other) in enumerate(zip(tags, free, strict=True))
            )
        ), facts


_WORDS: list[str] = []


def vocabulary() -> list[str]:
    """Return frequent words of all the conversations, which the first call was given."""
    return _WORDS


def set_vocabulary(words: list[str]) -> None:
    """Keep what the free tagger draws from."""
    _WORDS[:] = words


def inflected(text: str, rng: random.Random) -> str:
    """Return a tag in another number, tense, case or hyphenation."""
    *front, last = text.split(" ")
    if last.endswith("ing"):
        last = last.removesuffix("ing") + rng.choice(("ed", "s"))
    elif last.endswith("s") and len(last) > 3:
        last = last.removesuffix("s")
    else:
        last += rng.choice(("s", "'s", "ing"))
    joined = rng.choice((" ", " ", "-")).join([*front, last])
    return rng.choice((joined, joined.upper(), "the " + joined, joined.title()))


def copies(
    source: Statement, own: Statement, shown: dict[int, str], others: list[str], rng: random.Random
) -> dict[str, Statement]:
    """Return each kind of copy of one answer; `own` is what an honest engine would say of the copier's own lines."""

    def said(tags: list[str], facts: tuple[str, ...] = source.facts) -> Statement:
        return Statement(own.shown, tuple(dict.fromkeys(tags)), facts, source.seconds + 0.1)

    shuffled = rng.sample(source.tags, len(source.tags))
    count = len(shuffled)
    here = {root for text in shown.values() for root in roots(text)}
    return {
        "verbatim": said(list(source.tags)),
        "shuffled": said(shuffled),
        "inflected": said([inflected(tag, rng) for tag in shuffled]),
        "inflected, no facts": said([inflected(tag, rng) for tag in shuffled], ()),
        "partial (-2, +2)": said(shuffled[: max(1, count - 2)] + rng.sample(others, 2), ()),
        "partial (-30 %, +30 % of others)": said(
            shuffled[: max(1, round(0.7 * count))] + rng.sample(others, round(0.3 * count)), ()
        ),
        "partial (-30 %, +30 % own work)": said(
            shuffled[: max(1, round(0.7 * count))] + list(own.tags)[: round(0.3 * count)], ()
        ),
        "laundered": said([tag for tag in shuffled if roots(tag) <= here], ()),
    }

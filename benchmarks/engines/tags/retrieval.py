"""How well a talk is found again by its tags, under three ways to compare a query with them; MRR@10."""

from collections.abc import Sequence

import numpy as np

from conversation_genome.embedding.base import Embedder, FloatArray

WAYS = ("mean", "max", "joined")
DEPTH = 10


def likeness(queries: FloatArray, tags: Sequence[Sequence[str]], embedder: Embedder) -> dict[str, FloatArray]:
    """Return, by way, the score of each query and talk: shape (queries, talks).

    `mean` is the cosine to the mean of the tags' vectors, `max` to the nearest tag, `joined` to the vector of the
    tags in one string.
    """
    vectors = [embedder.embed(list(own) or [""]) for own in tags]
    means = np.stack([_unit(own.mean(axis=0)) for own in vectors])
    joined = embedder.embed([", ".join(own) for own in tags])
    nearest = np.stack([(queries @ own.T).max(axis=1) for own in vectors], axis=1)
    return {"mean": queries @ means.T, "max": nearest, "joined": queries @ joined.T}


def full_text(queries: FloatArray, texts: Sequence[str], embedder: Embedder) -> dict[str, FloatArray]:
    """Return the scores of the whole text: in one piece (256 word pieces are read), and as a mean of its parts."""
    parts = [embedder.embed(_parts(text)).mean(axis=0) for text in texts]
    return {
        "one piece": queries @ embedder.embed(list(texts)).T,
        "mean of parts": queries @ np.stack([_unit(part) for part in parts]).T,
    }


def reciprocal_ranks(scores: FloatArray, right: Sequence[Sequence[int]]) -> FloatArray:
    """Return 1 / rank of each query's best right talk among all, 0 beyond DEPTH: shape (queries,).

    Args:
        scores: Shape (queries, talks).
        right: The numbers of the talks that each query is about.
    """
    best = [float(row[list(own)].max()) for row, own in zip(scores, right, strict=True)]
    ranks = [1 + int((row > top).sum()) for row, top in zip(scores, best, strict=True)]
    return np.array([1 / rank if rank <= DEPTH else 0.0 for rank in ranks], dtype=np.float32)


def bootstrap(mine: FloatArray, other: FloatArray, draws: int = 2_000) -> tuple[float, float]:
    """Return the 95 % interval of the difference of two means over the same queries (Efron 1979, by percentile)."""
    picks = np.random.default_rng(7).integers(0, len(mine), size=(draws, len(mine)))
    low, high = np.percentile((mine - other)[picks].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def _parts(text: str, words_each: int = 150) -> list[str]:
    words = text.split()
    return [" ".join(words[start : start + words_each]) for start in range(0, max(1, len(words)), words_each)]


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)

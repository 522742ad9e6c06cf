"""Fits the two linear models: where topics end, and what answers what."""

from collections.abc import Callable, Sequence

import numpy as np
from scipy.optimize import minimize

from benchmarks.engines.windows.talks import Talk
from conversation_genome.windowing.chat import read_chat
from conversation_genome.windowing.replies import ReplyFeatures

PENALTY = 30.0
"""Of the squared weights of standardised features, over all gaps together."""
REPLY_PENALTY = 1.0
LONG_TALKS = 0.25
"""How much a set of long talks weighs: in meetings a hundredth of the gaps are cut, and hardly at a sign."""
LONG_GAPS = 100
"""Gaps a talk, on average."""

Model = tuple[np.ndarray, float]


def fit_boundaries(sets: Sequence[Sequence[Talk]], rows_of: Callable[[Talk], np.ndarray]) -> Model:
    """Return weights and bias of the logistic model; every set weighs the same, but meetings a quarter."""
    rows = np.vstack([rows_of(talk) for talks in sets for talk in talks])
    truth = np.concatenate([talk.cuts for talks in sets for talk in talks])
    sizes = [sum(len(talk.cuts) for talk in talks) for talks in sets]
    weighs = [LONG_TALKS if size > LONG_GAPS * len(talks) else 1.0 for size, talks in zip(sizes, sets, strict=True)]
    shares = np.concatenate(
        [np.full(size, len(rows) * own / sum(weighs) / size) for size, own in zip(sizes, weighs, strict=True)]
    )
    mean = np.average(rows, axis=0, weights=shares)
    deviation = np.sqrt(np.average((rows - mean) ** 2, axis=0, weights=shares)) + 1e-6
    plain = np.hstack([(rows - mean) / deviation, np.ones((len(rows), 1))])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        odds = plain @ weights
        value = shares @ (np.logaddexp(0, odds) - truth * odds) + PENALTY / 2 * weights[:-1] @ weights[:-1]
        slope = plain.T @ (shares * (1 / (1 + np.exp(-odds)) - truth))
        slope[:-1] += PENALTY * weights[:-1]
        return value, slope

    found = minimize(loss, np.zeros(plain.shape[1]), jac=True, method="L-BFGS-B", options={"maxiter": 300}).x
    weights = found[:-1] / deviation
    return weights, float(found[-1] - mean @ weights)


def fit_replies(talks: Sequence[Talk]) -> np.ndarray:
    """Return the weights of the reply model.

    Which line a line answers is not known, only its thread: the loss is the log of the shares of all lines of
    that thread together (as mention models of coreference do: Durrett & Klein, EMNLP 2013, sec. 3.2).
    """
    rows, is_right = [], []
    for talk in talks:
        for own, right in _examples(talk):
            rows.append(own)
            is_right.append(right)
    starts = np.cumsum([0, *(len(own) for own in rows)][:-1])
    flat = np.vstack(rows).astype(np.float32)
    right = np.concatenate(is_right)
    lengths = np.diff([*starts, len(flat)])

    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        scores = (flat @ weights.astype(np.float32)).astype(np.float64)
        shares = _shares(scores, starts, lengths)
        of_right = np.where(right, shares, 0.0)
        mass = np.maximum(np.add.reduceat(of_right, starts), 1e-30)
        value = -np.log(mass).sum() + REPLY_PENALTY / 2 * weights @ weights
        slope = flat.T @ (shares - of_right / np.repeat(mass, lengths)).astype(np.float32)
        return value, slope.astype(np.float64) + REPLY_PENALTY * weights

    start = np.zeros(flat.shape[1])
    return minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": 120}).x


def _shares(scores: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths))
    return raised / np.repeat(np.add.reduceat(raised, starts), lengths)


def _examples(talk: Talk) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the features of each labelled line's labelled candidates, and which are of its own thread."""
    lines = read_chat(talk.conversation)
    spoken = [index for index, line in enumerate(lines) if not line.is_notice]
    features = ReplyFeatures(
        [lines[index] for index in spoken],
        [talk.conversation.lines[index].at for index in spoken],
        talk.vectors[spoken].astype(np.float64),
    )
    examples = []
    for place, index in enumerate(spoken):
        candidates = features.candidates(place)
        rows = features.of(place, candidates)
        features.advance(place)
        thread = talk.threads[index]
        if thread is not None:
            threads = [talk.threads[spoken[candidate]] for candidate in candidates]
            is_known = np.array([True, *(other is not None for other in threads)])
            is_own = np.array([thread not in threads, *(other == thread for other in threads)])
            examples.append((rows[is_known], is_own[is_known]))
    return examples

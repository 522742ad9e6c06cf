"""The original subnet's formula, from its published constants: cosine to the mean of the ground truth's vectors."""

import re

import numpy as np


def safe(tag: str) -> str:
    return " ".join(re.sub(r"[^a-z0-9]", " ", tag[:50].lower()).split())


def original_score(tags: tuple[str, ...], references: tuple[str, ...], vector_of: dict[str, np.ndarray]) -> float:
    """Return the final score of one answer: .55 top3 + .10 median + .25 mean + .10 max, times the penalties."""
    cleaned = sorted({safe(tag) for tag in tags if 3 <= len(safe(tag)) <= 64})[:20]
    if len(cleaned) < 3:
        return 0.0
    truth = {safe(tag) for tag in references}
    mean = np.mean([vector_of[safe(tag)] for tag in references], axis=0)
    scores = {tag: float(vector_of[tag] @ mean / np.linalg.norm(mean)) for tag in cleaned}
    unique = sorted((score for tag, score in scores.items() if tag not in truth), reverse=True)
    top = sum([*unique, 0, 0, 0][:3]) / 3
    every = list(scores.values())
    adjusted = 0.55 * top + 0.10 * np.median(every) + 0.25 * np.mean(every) + 0.10 * max(every)
    factor = 0.9 if len(unique) == len(every) else 1.0
    factor *= 0.5 if max(every) < 0.2 else 1.0
    factor *= {0: 0.85, 1: 0.9, 2: 0.95}.get(len(unique), 1.0)
    return float(adjusted * factor)

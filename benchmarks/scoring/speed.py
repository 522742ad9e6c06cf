"""How long grading takes beside embedding: `python -m benchmarks.scoring.speed`. Prints Markdown."""

import argparse
import random
import re
import time
from pathlib import Path

import numpy as np

from benchmarks.scoring.cases import all_cases
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.scoring import Answer, Reference, ScoringWindow, score_answers, texts_to_embed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--answers", type=int, nargs="+", default=[16, 64, 256])
    chosen = parser.parse_args()
    cases = all_cases()
    case = next(item for item in cases if item.kind == "podcast")
    words = sorted({word for item in cases for line in item.lines for word in re.findall(r"[a-z]{5,}", line.lower())})
    window = ScoringWindow(tuple(map(Reference, case.references)), case.lines)
    print(
        "| answers of 20 tags | distinct texts | embedding, s | grading, s | of embedding | a loop over tags, s |\n|---|---|---|---|---|---|"
    )
    for count in chosen.answers:
        print(measured(window, words, count, load_embedder(chosen.models, cache_entries=0)))


def measured(window: ScoringWindow, words: list[str], count: int, embedder: Embedder) -> str:
    rng = random.Random(count)
    answers = {str(at): Answer(tags=tuple(" ".join(rng.sample(words, 2)) for _ in range(20))) for at in range(count)}
    start = time.perf_counter()
    texts = texts_to_embed(window, answers.values())
    listed = time.perf_counter()
    vectors = embedder.embed(texts)
    embedded = time.perf_counter()
    score_answers(window, answers, texts, vectors)
    graded = time.perf_counter() - embedded + listed - start
    loop = plain_loop(answers, dict(zip(texts, vectors, strict=True)))
    embedding = embedded - listed
    return f"| {count} | {len(texts)} | {embedding:.2f} | {graded:.2f} | {graded / embedding:.0%} | {loop:.2f} |"


def plain_loop(answers: dict[str, Answer], vectors: dict[str, np.ndarray]) -> float:
    """Time nothing but one cosine after another: each tag with references, passages and background, one by one."""
    start = time.perf_counter()
    sent = {tag for answer in answers.values() for tag in answer.tags}
    others = [vector for text, vector in vectors.items() if text not in sent]
    for answer in answers.values():
        own = [vectors[tag] for tag in answer.tags if tag in vectors]
        for vector in own:
            max(float(np.dot(vector, other)) for other in (*others, *own))
    return time.perf_counter() - start


if __name__ == "__main__":
    main()

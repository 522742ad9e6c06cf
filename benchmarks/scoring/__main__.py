"""Run the examination and print it as Markdown: `python -m benchmarks.scoring [--half tune|report|both|later] [--limit N]`."""

import argparse
import random
import re
from collections import defaultdict
from pathlib import Path

import numpy as np
from scipy.stats import kendalltau

from benchmarks.scoring.answers import ATTACKS, LADDER, RELATIONS, answers
from benchmarks.scoring.cases import Case, all_cases, later_cases
from benchmarks.scoring.original import original_score, safe
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.scoring import SCORING_VERSION, Answer, Reference, ScoringWindow, score_answers, texts_to_embed

Scores = dict[str, dict[str, float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--half", choices=("tune", "report", "both", "later"), default="report")
    parser.add_argument("--limit", type=int, default=25, help="cases of a kind at most")
    parser.add_argument("--models", type=Path, default=Path("models"))
    parser.add_argument("--worst", type=int, default=0, help="failed pairs to show")
    chosen = parser.parse_args()
    cases = chosen_cases(chosen.half, chosen.limit)
    embedder = load_embedder(chosen.models)
    made = {case.name: (case, made_answers(case, cases)) for case in cases}
    ours = {name: our_scores(case, given, embedder) for name, (case, given) in made.items()}
    theirs = original_scores(made, embedder)
    print_report(cases, ours, theirs, chosen.half)
    print_worst(made, ours, chosen.worst)


def chosen_cases(half: str, limit: int) -> list[Case]:
    if half == "later":
        return later_cases()
    by_kind = defaultdict(list)
    for case in all_cases():
        by_kind[case.kind].append(case)
    found = []
    for kind in sorted(by_kind):
        members = by_kind[kind]
        names = sorted({case.name.split("/")[0] for case in members})
        random.Random(kind).shuffle(names)
        wanted = {"tune": set(names[::2]), "report": set(names[1::2]), "both": set(names)}[half]
        if len(names) == 1:
            wanted = set(names)
        found += [case for case in members if case.name.split("/")[0] in wanted][:limit]
    return found


def made_answers(case: Case, cases: list[Case]) -> dict[str, tuple[str, ...]]:
    mine = {word for tag in (*case.references, *case.honest) for word in tag.lower().split()}
    others = sorted(
        {
            tag
            for other in cases
            if other.kind != case.kind
            for tag in other.references
            if not mine & set(tag.lower().split())
        }
    )
    vocabulary = sorted(
        {word.lower() for other in cases for line in other.lines for word in re.findall(r"[A-Za-z]{4,}", line)}
    )
    return answers(case, others, vocabulary)


def our_scores(case: Case, given: dict[str, tuple[str, ...]], embedder: Embedder) -> dict[str, float]:
    window = ScoringWindow(tuple(map(Reference, case.references)), case.lines)
    read = {name: Answer(tags=tags) for name, tags in given.items()}
    texts = texts_to_embed(window, read.values())
    return {name: grade.score for name, grade in score_answers(window, read, texts, embedder.embed(texts)).items()}


def original_scores(made: dict, embedder: Embedder) -> Scores:
    found: Scores = {}
    for name, (case, given) in made.items():
        kept = {key: tags[:40] for key, tags in given.items()}
        texts = sorted({safe(tag) for tags in (*kept.values(), case.references) for tag in tags})
        vectors = dict(zip(texts, embedder.embed(texts), strict=True))
        found[name] = {key: original_score(tags, case.references, vectors) for key, tags in kept.items()}
    return found


def pairs() -> list[tuple[str, str]]:
    return [*RELATIONS, *(("honest", attack) for attack in ATTACKS)]


def is_right(scores: dict[str, float], better: str, worse: str) -> bool | None:
    if better not in scores or worse not in scores:
        return None
    may_tie = (better, worse) == ("reference", "inflected")
    return scores[better] > scores[worse] or (may_tie and scores[better] == scores[worse])


def share(scores: Scores, better: str, worse: str) -> tuple[int, int]:
    found = [right for item in scores.values() if (right := is_right(item, better, worse)) is not None]
    return sum(found), len(found)


def print_report(cases: list[Case], ours: Scores, theirs: Scores, half: str) -> None:
    kinds = defaultdict(int)
    for case in cases:
        kinds[case.kind] += 1
    print(f"# Examination of the scoring, version {SCORING_VERSION}, half: {half}\n")
    print(f"{len(cases)} windows: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()) + "\n")
    print("| relation | pairs | ours right | original right |\n|---|---|---|---|")
    total = np.zeros(3, dtype=int)
    for better, worse in pairs():
        (mine, count), (other, _) = share(ours, better, worse), share(theirs, better, worse)
        total += (count, mine, other)
        print(f"| {better} > {worse} | {count} | {mine / count:.1%} | {other / count:.1%} |")
    print(f"| **all** | {total[0]} | **{total[1] / total[0]:.1%}** | {total[2] / total[0]:.1%} |\n")
    print(f"Kendall's tau over {' > '.join(LADDER)}: ours {tau(ours):.3f}, original {tau(theirs):.3f}\n")
    print("| answer | mean score | share of honest, ours | original |\n|---|---|---|---|")
    for name in sorted(next(iter(ours.values())), key=lambda key: -mean(ours, key)):
        print(f"| {name} | {mean(ours, name):.3f} | {ratio(ours, name):.0%} | {ratio(theirs, name):.0%} |")
    print("\n| kind | honest, ours |\n|---|---|")
    for kind in kinds:
        members = {case.name: ours[case.name] for case in cases if case.kind == kind}
        print(f"| {kind} | {mean(members, 'honest'):.3f} |")


def tau(scores: Scores) -> float:
    order = range(len(LADDER), 0, -1)
    return float(
        np.mean(
            [np.nan_to_num(kendalltau(order, [item[name] for name in LADDER]).statistic) for item in scores.values()]
        )
    )


def mean(scores: Scores, name: str) -> float:
    found = [item[name] for item in scores.values() if name in item]
    return float(np.mean(found)) if found else 0.0


def ratio(scores: Scores, name: str) -> float:
    both = {key: item for key, item in scores.items() if "honest" in item and name in item}
    return mean(both, name) / max(mean(both, "honest"), 1e-9)


def print_worst(made: dict, ours: Scores, limit: int) -> None:
    failures = [
        (ours[name][better] - ours[name][worse], name, better, worse)
        for name in made
        for better, worse in pairs()
        if is_right(ours[name], better, worse) is False
    ]
    for gap, name, better, worse in sorted(failures)[:limit]:
        case, given = made[name]
        print(f"\n{gap:+.3f} {name}: {better} {ours[name][better]:.3f} < {worse} {ours[name][worse]:.3f}")
        print(
            f"  reference {case.references}\n  {better} {given[better]}\n  {worse} {[tag[:80] for tag in given[worse][:12]]}"
        )


if __name__ == "__main__":
    main()

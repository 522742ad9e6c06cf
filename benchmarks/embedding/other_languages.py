"""`python -m benchmarks.embedding.other_languages`: does scoring keep its order where the talk is not English?

Windows in Japanese, French, Spanish and German with the tags of two people each: one's are the reference, the
other's the honest answer. The same answers are graded three ways: with MiniLM (what an English-only validator does),
with USE-multilingual as it is, and with USE on MiniLM's scale, which is what the product does.
"""

import argparse
import json
import random
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.scoring.answers import cut
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.embedding.scales import scale_of
from conversation_genome.scoring import Answer, Reference, Scale, ScoringWindow, score_answers, texts_to_embed
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings
from conversation_genome.sources.registry import read_source

GENERIC: Final = {
    "ja": ("会話", "人々", "話し合い", "意見", "情報", "質問", "生活", "日常"),
    "fr": ("conversation", "gens", "discussion", "opinions", "informations", "questions", "vie", "quotidien"),
    "es": ("conversación", "gente", "discusión", "opiniones", "información", "preguntas", "vida", "día a día"),
    "de": ("Gespräch", "Leute", "Diskussion", "Meinungen", "Informationen", "Fragen", "Leben", "Alltag"),
}  # fmt: skip
WRONG: Final = {
    "ja": ("住宅ローン", "火山の噴火", "将棋", "税金の申告", "犬の散歩", "海外旅行", "ワクチン接種", "漫画", "野球の試合", "結婚式", "転職", "英会話", "自動車保険", "温泉", "宇宙開発", "ピアノ教室", "選挙", "釣り", "引っ越し", "映画館"),
    "fr": ("prêt immobilier", "éruption volcanique", "opéra", "déclaration d'impôts", "promenade du chien", "voyage en avion", "vaccination", "bande dessinée", "match de football", "mariage", "entretien d'embauche", "cours de piano", "assurance auto", "ski alpin", "exploration spatiale", "jeux vidéo", "élections", "déménagement", "cinéma", "grippe"),
    "es": ("hipoteca", "erupción volcánica", "ópera", "declaración de impuestos", "pasear al perro", "viaje en avión", "vacunación", "tebeos", "partido de fútbol", "boda", "entrevista de trabajo", "clases de piano", "seguro del coche", "esquí", "exploración espacial", "videojuegos", "elecciones", "mudanza", "cine", "gripe"),
    "de": ("Hypothek", "Vulkanausbruch", "Oper", "Steuererklärung", "Hundespaziergang", "Flugreise", "Impfung", "Comics", "Fußballspiel", "Hochzeit", "Bewerbungsgespräch", "Klavierunterricht", "Autoversicherung", "Skiurlaub", "Raumfahrt", "Videospiele", "Wahlen", "Umzug", "Kino", "Grippe"),
}  # fmt: skip
RELATIONS: Final = (
    ("reference", "half"), ("half", "half and wrong"), ("half and wrong", "wrong"), ("honest", "honest half wrong"),
    ("honest half wrong", "wrong"), ("honest", "generic"), ("honest", "of another talk"), ("honest", "lines"),
    ("honest", "glued"), ("honest", "cut from lines"), ("honest", "stuffed"),
)  # fmt: skip
Answers = dict[str, tuple[str, ...]]


@dataclass(frozen=True)
class Case:
    """A window with two people's tags."""

    language: str
    name: str
    lines: tuple[str, ...]
    references: tuple[str, ...]
    honest: tuple[str, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data", help="folder of the data")
    parser.add_argument("--worst", action="store_true", help="show the pairs in the wrong order")
    chosen = parser.parse_args()
    embedder = load_embedder(load_settings(RoleSettings).models_path)
    other = embedder.for_language("ja")
    ways: dict[str, tuple[Embedder, Scale]] = {
        "MiniLM": (embedder, scale_of(embedder.model)),
        "USE as it is": (other, Scale(reads_every_script=True)),
        "USE on MiniLM's scale": (other, scale_of(other.model)),
    }
    cases = list(all_cases(chosen.data))
    made = {case.name: (case, answers(case, cases)) for case in cases}
    scores = {way: {name: graded(*found, *with_) for name, found in made.items()} for way, with_ in ways.items()}
    print_order(cases, scores, show_wrong=chosen.worst)
    print_means(scores)


def all_cases(data: Path) -> Iterator[Case]:
    """Yield each window twice: either person's tags are the reference once."""
    with Path(__file__).with_name("two_people.jsonl").open(encoding="utf-8") as file:
        for number, row in enumerate(map(json.loads, file)):
            lines = tuple(said(row, data)[row["start"] : row["end"]])
            yield Case(row["language"], f"{number}", lines, tuple(row["first"]), tuple(row["second"]))
            yield Case(row["language"], f"{number} swapped", lines, tuple(row["second"]), tuple(row["first"]))


def said(row: dict, data: Path) -> list[str]:
    """Return the lines of the conversation that a row names."""
    if "row" in row:
        with (data / f"{row['file']}.jsonl").open(encoding="utf-8") as file:
            record = json.loads(list(file)[row["row"]])
        return [line[1] for line in record["lines"]]
    [conversation] = read_source(PROJECT_ROOT / row["file"])
    return [line.text for line in conversation.lines]


def answers(case: Case, cases: list[Case]) -> Answers:
    """Return answers of known order."""
    rng = random.Random(case.name)
    wrong, half = rng.sample(WRONG[case.language], 20), case.references[:3]
    elsewhere = [other for other in cases if other.language == case.language and other.lines != case.lines]
    pieces = [
        piece for line in case.lines for piece in (cut(line) or [line[at : at + 8] for at in range(0, len(line), 8)])
    ]
    return {
        "reference": case.references,
        "half": half,
        "half and wrong": (*half, *wrong[:2]),
        "wrong": tuple(wrong[:5]),
        "honest": case.honest,
        "honest half wrong": (*case.honest[:2], *wrong[:3]),
        "generic": GENERIC[case.language][:5],
        "of another talk": rng.choice(elsewhere).references,
        "lines": tuple(sorted(case.lines, key=len)[-5:]),
        "glued": tuple(" ".join(rng.sample(case.references, 3))[:64] for _ in range(5)),
        "cut from lines": tuple(rng.sample(pieces, 5)),
        "stuffed": (*case.honest[:2], *wrong[:18]),
    }


def graded(case: Case, given: Answers, embedder: Embedder, scale: Scale) -> dict[str, float]:
    window = ScoringWindow(tuple(map(Reference, case.references)), case.lines)
    read = {name: Answer(tags=tags) for name, tags in given.items()}
    texts = texts_to_embed(window, read.values())
    found = score_answers(window, read, texts, embedder.embed(texts), scale=scale)
    return {name: grade.score for name, grade in found.items()}


def print_order(cases: list[Case], scores: dict[str, dict[str, dict[str, float]]], *, show_wrong: bool) -> None:
    languages = sorted({case.language for case in cases})
    print(
        "\n| pairs in the right order | " + " | ".join(languages) + " | all |\n|---|" + "---:|" * (len(languages) + 1)
    )
    for way, by_case in scores.items():
        right: dict[str, list[bool]] = defaultdict(list)
        for case in cases:
            found = by_case[case.name]
            right[case.language] += [found[better] > found[worse] for better, worse in RELATIONS]
            for better, worse in RELATIONS:
                if show_wrong and found[better] <= found[worse]:
                    print(f"  {way}: {case.language} {case.name}: {better} {found[better]} <= {worse} {found[worse]}")
        every = [one for ones in right.values() for one in ones]
        cells = " | ".join(f"{np.mean(right[language]):.1%}" for language in languages)
        print(f"| {way} | {cells} | {np.mean(every):.1%} of {len(every)} |")


def print_means(scores: dict[str, dict[str, dict[str, float]]]) -> None:
    print("\n| mean score | " + " | ".join(scores) + " |\n|---|" + "---:|" * len(scores))
    for name in next(iter(next(iter(scores.values())).values())):
        means = (np.mean([found[name] for found in by_case.values()]) for by_case in scores.values())
        print(f"| {name} | " + " | ".join(f"{mean:.3f}" for mean in means) + " |")


if __name__ == "__main__":
    main()

"""Finding talks again by ten tags: `python -m benchmarks.engines.tags`, beside YAKE, KeyBERT, TF-IDF and the full text."""

import argparse
import logging
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.engines.tags import taggers
from benchmarks.engines.tags.retrieval import WAYS, bootstrap, full_text, likeness, reciprocal_ranks
from benchmarks.engines.tags.talks import Labelled, entity_chats, meeting_stretches, persona_chats, service_segments
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings

EVERY = {"meetings": 1, "services": 2, "chats": 2, "personas": 1}
"""Of a set's talks each how many-th is taken."""


def main(embedder: Embedder | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data")
    parser.add_argument("--part", choices=("report", "tune"), default="report", help="which half of the data")
    parser.add_argument("--sets", nargs="*", default=list(EVERY))
    parser.add_argument("--without", nargs="*", default=[], help="taggers that are left out")
    arguments = parser.parse_args()
    logging.getLogger("yake").setLevel(logging.ERROR)
    settings = load_settings(RoleSettings)
    used = embedder or load_embedder(settings.models_path, threads=2, cache_entries=1_000_000)
    tagging: dict[str, taggers.Tagger] = {
        "ours": taggers.ours(load_engine("extractive", used, settings)),
        "YAKE": taggers.by_yake,
        "TF-IDF": taggers.by_tfidf,
        "KeyBERT": taggers.by_keybert(used),
        "no MMR": taggers.by_keybert(used, has_mmr=False),
    }
    tagging = {name: tagger for name, tagger in tagging.items() if name not in arguments.without}
    if "meetings" in arguments.sets:
        stretches = meeting_stretches(arguments.data, arguments.part, EVERY["meetings"])
        _titles("QMSum: topic title -> its stretch, of all meetings", stretches, tagging, used)
    if "services" in arguments.sets:
        segments = service_segments(arguments.data, arguments.part, EVERY["services"])
        _services(segments, tagging, used)
    if "chats" in arguments.sets:
        _entities(entity_chats(arguments.data, arguments.part, EVERY["chats"]), tagging, used)
    if "personas" in arguments.sets:
        _facts(persona_chats(arguments.data, arguments.part), tagging, used)


def _titles(heading: str, talks: Sequence[Labelled], tagging: dict[str, taggers.Tagger], embedder: Embedder) -> None:
    labels = list(dict.fromkeys(one.label for one in talks))
    right = [[number for number, one in enumerate(talks) if one.label == label] for label in labels]
    print(f"\n{heading}: {len(talks)} talks, {len(labels)} titles, MRR@10")
    _compare(talks, tagging, embedder, labels, lambda scores: reciprocal_ranks(scores, right))


def _entities(
    chats: Sequence[tuple[Labelled, frozenset[str]]], tagging: dict[str, taggers.Tagger], embedder: Embedder
) -> None:
    names = sorted({name for _, used in chats for name in used})
    right = [[names.index(name) for name in sorted(used)] for _, used in chats]
    print(
        f"\nTopical-Chat: chat -> what its speakers say it is about: {len(chats)} chats, {len(names)} entities, MRR@10"
    )
    _compare([one for one, _ in chats], tagging, embedder, names, lambda scores: reciprocal_ranks(scores.T, right))


def _services(talks: Sequence[Labelled], tagging: dict[str, taggers.Tagger], embedder: Embedder) -> None:
    labels = sorted({one.label for one in talks})
    right = [[labels.index(one.label)] for one in talks]
    print(f"\nSGD: segment -> the description of its service: {len(talks)} segments, {len(labels)} services, MRR@10")
    _compare(talks, tagging, embedder, labels, lambda scores: reciprocal_ranks(scores.T, right))


def _facts(chats: Sequence[tuple[Labelled, list[str]]], tagging: dict[str, taggers.Tagger], embedder: Embedder) -> None:
    facts = [fact for _, told in chats for fact in told]
    right = [[number] for number, (_, told) in enumerate(chats) for _ in told]
    print(f"\nSynthetic-Persona-Chat: fact of a persona -> its chat: {len(chats)} chats, {len(facts)} facts, MRR@10")
    _compare([one for one, _ in chats], tagging, embedder, facts, lambda scores: reciprocal_ranks(scores, right))


def _compare(
    talks: Sequence[Labelled],
    tagging: dict[str, taggers.Tagger],
    embedder: Embedder,
    labels: Sequence[str],
    ranked: Callable[[FloatArray], FloatArray],
) -> None:
    queries = embedder.embed(list(labels))
    print(f"{'':10}" + "".join(f"{way:>10}" for way in WAYS) + f"{'seconds':>10}")
    found: dict[str, dict[str, FloatArray]] = {}
    for name, tagger in tagging.items():
        started = time.perf_counter()
        tags = tagger(talks)
        seconds = time.perf_counter() - started
        found[name] = {way: ranked(scores) for way, scores in likeness(queries, tags, embedder).items()}
        print(
            f"{name:10}" + "".join(f"{found[name][way].mean():10.3f}" for way in WAYS) + f"{seconds:10.1f}", flush=True
        )
    texts = {way: ranked(scores) for way, scores in full_text(queries, [one.text for one in talks], embedder).items()}
    print("full text: " + ", ".join(f"{way} {ranks.mean():.3f}" for way, ranks in texts.items()))
    best = max(float(ranks.mean()) for ranks in texts.values())
    print("ours / the better full text: " + ", ".join(f"{way} {found['ours'][way].mean() / best:.2f}" for way in WAYS))
    for name in found:
        if name != "ours":
            spans = [bootstrap(found["ours"][way], found[name][way]) for way in WAYS]
            gains = [float(np.mean(found["ours"][way] - found[name][way])) for way in WAYS]
            shown = (
                f"{way} {gain:+.3f} [{low:+.3f}, {high:+.3f}]"
                for way, gain, (low, high) in zip(WAYS, gains, spans, strict=True)
            )
            print(f"ours - {name}: " + ", ".join(shown))


if __name__ == "__main__":
    main()

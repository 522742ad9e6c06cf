"""`python -m benchmarks.engines.windows`: boundaries and threads beside their rivals, in one run.

Boundaries twice: models learned from one half of every set and measured on the other, and models that never saw
the set at all. Threads in five folds by log: every log is measured with weights learned from other logs.
"""

from collections.abc import Callable, Sequence
from unittest.mock import patch

import numpy as np

from benchmarks.engines.windows.measures import boundary_f1, exact_f1, information_kept, one_to_one, pk, window_diff
from benchmarks.engines.windows.rivals import RIVALS, by_speaker, named_or_own
from benchmarks.engines.windows.talks import CHAT_SET, TOPIC_SETS, Talk, load_talks, stitched_japanese
from benchmarks.engines.windows.training import Model, fit_boundaries, fit_replies
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.settings import RoleSettings, load_settings
from conversation_genome.windowing import threads
from conversation_genome.windowing.boundaries import scale_free
from conversation_genome.windowing.chat import read_chat
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings

FOLDS = 5
Rows = Callable[[Talk], np.ndarray]


def cuts_of(talk: Talk) -> list[int]:
    """Return where level 1 begins anew."""
    windows = cut(talk.conversation, WindowingSettings(), talk.vectors)
    return [window.start for window in windows if window.level == 1 and window.start]


def with_model(talk: Talk, model: Model, rows_of: Rows) -> list[int]:
    """Return the cuts of other weights than those that are shipped."""
    odds = np.round(rows_of(talk) @ model[0] + model[1], 3).tolist()
    with patch("conversation_genome.windowing.segments.boundary_odds", return_value=odds):
        return cuts_of(talk)


def show(name: str, talks: Sequence[Talk], cuts: Sequence[Sequence[int]]) -> None:
    sizes = [len(talk.conversation.lines) for talk in talks]
    truths = [talk.boundaries for talk in talks]
    figures = [
        float(np.mean([measure(*one) for one in zip(sizes, truths, cuts, strict=True)]))
        for measure in (pk, window_diff)
    ]
    print(f"  {name:<42} Pk {figures[0]:.3f}  WD {figures[1]:.3f}  F1 {boundary_f1(truths, cuts):.3f}")


def topics(embedder: Embedder) -> None:
    sets = {name: load_talks(name, embedder) for name in TOPIC_SETS}
    kinds: dict[str, Rows] = {"": lambda talk: talk.gaps, ", meaning alone": lambda talk: scale_free(talk.gaps)}
    halves = {kind: fit_boundaries([talks[::2] for talks in sets.values()], rows) for kind, rows in kinds.items()}
    for name, talks in sets.items():
        print(f"{name}: {len(talks)} talks")
        for rival, rule in RIVALS.items():
            show(rival, talks, [rule(talk) for talk in talks])
        others = [other for other_name, other in sets.items() if other_name != name]
        for kind, rows in kinds.items():
            unseen = fit_boundaries(others, rows)
            held_out = talks[1::2]
            show(f"ours, other half seen{kind}", held_out, [with_model(talk, halves[kind], rows) for talk in held_out])
            show(f"ours, set never seen{kind}", talks, [with_model(talk, unseen, rows) for talk in talks])


def other_languages(embedder: Embedder) -> None:
    """Show the weights of meaning alone, learned in English from MiniLM, on Japanese read by another model."""
    talks = stitched_japanese(embedder)
    print(f"stitched Japanese: {len(talks)} talks")
    for rival, rule in RIVALS.items():
        show(rival.replace("MiniLM", "same vectors"), talks, [rule(talk) for talk in talks])
    show("ours, as shipped", talks, [cuts_of(talk) for talk in talks])


def chats(embedder: Embedder) -> None:
    talks = load_talks(CHAT_SET, embedder)
    print(f"{CHAT_SET}: {len(talks)} logs")
    for name, rule in (("addressed name, else own last thread", named_or_own), ("one thread a speaker", by_speaker)):
        show_threads(name, [_rated(talk, *_by_rule(talk, rule)) for talk in talks])
    ours, unread = [], []
    for fold in range(FOLDS):
        weights = fit_replies([talk for number, talk in enumerate(talks) if number % FOLDS != fold])
        with patch.object(threads, "_weights", return_value=np.round(weights, 4)):
            for talk in talks[fold::FOLDS]:
                ours.append(_rated(talk, *_split(talk, talk.vectors)))
                unread.append(_rated(talk, *_split(talk, None)))
    show_threads("ours, log never seen", ours)
    show_threads("ours, log never seen, without vectors", unread)


def show_threads(name: str, figures: Sequence[tuple[float, float, float]]) -> None:
    overlap, kept, exact = np.mean(figures, axis=0)
    print(f"  {name:<42} one-to-one {overlap:.3f}  VI {kept:.3f}  exact F1 {exact:.3f}")


def _split(talk: Talk, vectors: np.ndarray | None) -> tuple[list[int], list[int]]:
    meanings = None if vectors is None else vectors.astype(np.float64)
    found = threads.split(talk.conversation, read_chat(talk.conversation), meanings)
    pairs = sorted((index, number) for number, lines in enumerate(found) for index in lines)
    return [index for index, _ in pairs], [number for _, number in pairs]


def _by_rule(talk: Talk, rule: Callable[..., list[int]]) -> tuple[list[int], list[int]]:
    lines = read_chat(talk.conversation)
    spoken = [index for index, line in enumerate(lines) if not line.is_notice]
    return spoken, rule([lines[index] for index in spoken])


def _rated(talk: Talk, indices: Sequence[int], found: Sequence[int]) -> tuple[float, float, float]:
    known = [(talk.threads[index], thread) for index, thread in zip(indices, found, strict=True)]
    truth = [one for one, _ in known if one is not None]
    ours = [other for one, other in known if one is not None]
    return one_to_one(truth, ours), information_kept(truth, ours), exact_f1(truth, ours)


def main(embedder: Embedder) -> None:
    topics(embedder)
    other_languages(embedder)
    chats(embedder)


if __name__ == "__main__":
    settings = load_settings(RoleSettings)
    main(load_embedder(settings.models_path, threads=settings.embedding_threads))

"""Conversations a second beside KeyBERT, and memory for a long transcript: `python -m benchmarks.engines.tags.speed`."""

import argparse
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.engines.tags.talks import Labelled, entity_chats, meeting_stretches, shows
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.base import Engine
from conversation_genome.engines.loading import load_engine
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings

if TYPE_CHECKING:
    from keybert import KeyBERT

TAGS = 10
LINES = 10_000
"""Of a talk of ten hours."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data")
    parser.add_argument("--talks", type=int, default=12)
    parser.add_argument("--long", action="store_true", help="measure memory for a long transcript instead")
    arguments = parser.parse_args()
    settings = load_settings(RoleSettings)
    embedder = load_embedder(settings.models_path, threads=1, cache_entries=0)
    engine = load_engine("extractive", embedder, settings)
    if arguments.long:
        _long(engine, arguments.data)
        return
    keybert = _keybert()
    sets = {
        "chats": [one for one, _ in entity_chats(arguments.data, "report", 9)],
        "stretches of meetings": meeting_stretches(arguments.data, "report", 9),
    }
    engine.annotate(sets["chats"][-1].talk, max_tags=TAGS)  # models and vocabulary are loaded
    for name, talks in sets.items():
        _race(name, talks[: arguments.talks], engine, keybert)


def _race(name: str, talks: list[Labelled], engine: Engine, keybert: "KeyBERT") -> None:
    """Print talks a second of processor time, both read each talk in turn, nothing is remembered between them."""
    taggers: dict[str, Callable[[Labelled], object]] = {
        "ours": lambda one: engine.annotate_windows(one.talk, [_whole(one.talk)], max_tags=TAGS),
        "KeyBERT": lambda one: keybert.extract_keywords(
            one.text, keyphrase_ngram_range=(1, 2), stop_words="english", use_mmr=True, diversity=0.5, top_n=TAGS
        ),
    }
    seconds = dict.fromkeys(taggers, 0.0)
    for one in talks:
        for tagger, run in taggers.items():
            started = time.process_time()
            run(one)
            seconds[tagger] += time.process_time() - started
    speeds = {tagger: len(talks) / spent for tagger, spent in seconds.items()}
    print(f"{len(talks)} {name}, one thread, talks a second of processor time: "
          + ", ".join(f"{tagger} {speed:.2f}" for tagger, speed in speeds.items())
          + f"; {speeds['ours'] / speeds['KeyBERT']:.1f} times", flush=True)  # fmt: skip


def _keybert() -> "KeyBERT":
    """Return KeyBERT on one thread; imported here, since PyTorch's memory is none of ours."""
    import torch  # noqa: PLC0415
    from keybert import KeyBERT  # noqa: PLC0415
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415

    from conversation_genome.embedding.export import packaged_model_path  # noqa: PLC0415

    torch.set_num_threads(1)
    return KeyBERT(model=SentenceTransformer(str(packaged_model_path()), device="cpu"))


def _whole(talk: Conversation) -> Window:
    """Return the window of a whole talk: tags alone are asked for, profiles cost their own time."""
    return Window(conversation_id=talk.id, level=0, start=0, end=len(talk.lines))


def _long(engine: Engine, data: Path) -> None:
    lines = [line for one in shows(data, "podcast_changelog", 10**6) for line in one.talk.lines]
    lines = (lines * (1 + LINES // len(lines)))[:LINES]
    talk = Conversation(
        id="long", participants=tuple(f"SPEAKER_{i}" for i in range(1 + max(line.speaker for line in lines))),
        lines=tuple(lines),
    )  # fmt: skip
    before, started = _peak(), time.process_time()
    tags = engine.annotate(talk).tags
    print(f"{LINES} lines, {sum(len(line.text) for line in lines) / 1e6:.1f} million characters: "
          f"{time.process_time() - started:.0f} s of processor time, peak memory {before:.0f} -> {_peak():.0f} MB, {len(tags)} tags")  # fmt: skip


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()

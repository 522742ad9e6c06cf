"""Injected orders: `python -m benchmarks.engines.tags.injection`: what of them comes into tags and quality, and how many are seen."""

import argparse
import re
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engines.tags.talks import entity_chats, injected_chats, injection_strings, meeting_stretches
from conversation_genome.annotation import Tag
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.loading import load_embedder
from conversation_genome.engines.loading import load_engine
from conversation_genome.injection import is_addressed_to_machine
from conversation_genome.quality import assess
from conversation_genome.settings import PROJECT_ROOT, RoleSettings, load_settings

_WORD = re.compile(r"\w+")


def main(embedder: Embedder | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=PROJECT_ROOT.parent / "shared" / "data")
    parser.add_argument("--tags", type=int, default=10, help="tags of a chat at most")
    arguments = parser.parse_args()
    count = arguments.tags
    settings = load_settings(RoleSettings)
    used = embedder or load_embedder(settings.models_path, threads=2)
    engine = load_engine("extractive", used, settings)
    leaks, overlaps, shifts = 0, [], []
    pairs = list(injected_chats(arguments.data))
    for injected, clean, text in pairs:
        tags, wanted = engine.annotate(injected, max_tags=count).tags, engine.annotate(clean, max_tags=count).tags
        leaked = leaked_tags(tags, text, clean)
        leaks += bool(leaked)
        if leaked:
            print("leaked", leaked, "from", text[:90].replace("\n", " "))
        overlaps.append(_overlap(tags, wanted))
        shifts.append(abs(assess(injected, used).boring_index - assess(clean, used).boring_index))
    print(f"{len(pairs)} injected chats, {count} tags: {leaks / len(pairs):.3f} leak a tag")
    print(
        f"tags shared with the clean chat {sum(overlaps) / len(overlaps):.3f}; change of boring_index, mean "
        f"{sum(shifts) / len(shifts):.3f}, largest {max(shifts):.3f}"
    )
    strings = injection_strings(arguments.data)
    seen = [is_addressed_to_machine(text) for text, is_injection in strings if is_injection]
    alarms = [is_addressed_to_machine(text) for text, is_injection in strings if not is_injection]
    print(
        f"strings: {sum(seen)} of {len(seen)} injections seen, {sum(alarms)} false alarms on {len(alarms)} podcast lines"
    )
    others = [one.talk for one in meeting_stretches(arguments.data, "report", 3)]
    others += [one.talk for one, _ in entity_chats(arguments.data, "report", 1)]
    lines = [line.text for talk in others for line in talk.lines]
    print(f"{sum(map(is_addressed_to_machine, lines))} of {len(lines)} lines of meetings and chats without injections")


def leaked_tags(tags: Sequence[Tag], injected: str, clean: Conversation) -> list[str]:
    """Return the tags whose words are all in the injection while one of them at least is nowhere in the clean chat."""
    own = set(_WORD.findall(" ".join(line.text for line in clean.lines).lower()))
    foreign = set(_WORD.findall(injected.lower()))
    found = []
    for tag in tags:
        words = set(_WORD.findall(tag.text.lower()))
        if words and words <= foreign and not words <= own:
            found.append(tag.text)
    return found


def _overlap(tags: Sequence[Tag], wanted: Sequence[Tag]) -> float:
    """Return the Jaccard overlap of two sets of tags, by their text."""
    mine, other = {tag.text.lower() for tag in tags}, {tag.text.lower() for tag in wanted}
    return len(mine & other) / max(1, len(mine | other))


if __name__ == "__main__":
    main()

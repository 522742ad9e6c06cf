"""AgreementEngine: several engines read the same talk, and what more of them say weighs more.

One reading is noisy, and its noise would be paid for: so the ground truth is what readings agree on. A window
on which they hardly agree gets no tags at all, and a window without reference tags pays nobody.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from conversation_genome.annotation import Annotation, Aspect, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.embedding.meaning_groups import group_by_meaning, plain_form, strongest_first
from conversation_genome.embedding.scales import scale_of
from conversation_genome.engines.base import Engine
from conversation_genome.errors import InputError

LEAST_AGREEMENT: Final = 0.25
"""Share of the weight that two readings hold, below which a window is not trusted: real talk lies at .4 to 1."""

_DOING: Final = re.compile(r"^[a-z]+ing (?:(?:the|an?|my|our|your|their|his|her) )?(?=\S)")
"""What stands before the thing in the tag of a deed."""

Reading = tuple[Tag, ...]


class AgreementEngine:
    """Merges the readings of several engines; equal readings in any order of the engines give equal weights."""

    def __init__(self, engines: Sequence[Engine], embedder: Embedder) -> None:
        """Keep the engines.

        Args:
            engines: Two or more; the first one's profiles are taken, and its spellings where weights are equal.
            embedder: Tells which tags say the same.

        Raises:
            InputError: If there are fewer than two engines.
        """
        if len(engines) < 2:
            raise InputError(f"an agreement takes two engines or more, not {len(engines)}")
        self._engines = tuple(engines)
        self._embedder = embedder

    @property
    def name(self) -> str:
        """The names of the engines, joined."""
        return "+".join(engine.name for engine in self._engines)

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the tags that the engines agree on, best first, and the first engine's profiles."""
        annotations = [engine.annotate(conversation, max_tags=max_tags) for engine in self._engines]
        readings = [annotation.tags for annotation in annotations]
        tags = merged_readings(readings, self._groups(conversation, readings))[:max_tags]
        return Annotation(tags=tags, profiles=annotations[0].profiles)

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[Reading]:
        """Return the tags of each window that the engines agree on; none where they hardly agree on any."""
        by_engine = [engine.annotate_windows(conversation, windows, max_tags=max_tags) for engine in self._engines]
        groups = self._groups(conversation, [reading for readings in by_engine for reading in readings])
        return [
            merged_readings(readings, groups)[:max_tags] if agreement(readings, groups) >= LEAST_AGREEMENT else ()
            for readings in zip(*by_engine, strict=True)
        ]

    def _groups(self, conversation: Conversation, readings: Iterable[Reading]) -> dict[str, str]:
        embedder = embedder_for(self._embedder, conversation.language)
        tags = [tag for reading in readings for tag in reading]
        forms = strongest_first((plain_form(tag.text), tag.weight) for tag in tags)
        deeds = {plain_form(tag.text) for tag in tags if tag.aspect == Aspect.ACTIVITY}
        return _deeds_with_things(group_by_meaning(forms, embedder.embed(forms), scale_of(embedder.model)), deeds)


def _deeds_with_things(groups: dict[str, str], deeds: set[str]) -> dict[str, str]:
    """Return the groups with that of a deed in the group of the thing it is done to, where a reading names that too.

    One reading says `bending oak frames` where another says `oak frames`: they agree.
    """
    things = {deed: _DOING.sub("", deed) for deed in deeds if groups[deed] == deed}
    led = {deed: groups[thing] for deed, thing in things.items() if thing != deed and thing in groups}
    return {form: led.get(group, group) for form, group in groups.items()}


def merged_readings(readings: Sequence[Reading], groups: dict[str, str]) -> Reading:
    """Return one tag a group, best first: its weight is the mean over the readings, 0 for one that lacks it.

    Args:
        readings: The tags of one text as each engine gives them.
        groups: The group of each tag's plain form.
    """
    merged = []
    for votes in _votes(readings, groups).values():
        spelled = max(votes.values(), key=lambda tag: tag.weight)
        weight = math.fsum(tag.weight for tag in votes.values()) / len(readings)
        merged.append(spelled.model_copy(update={"weight": weight}))
    return tuple(sorted(merged, key=lambda tag: (-tag.weight, tag.text)))


def agreement(readings: Sequence[Reading], groups: dict[str, str]) -> float:
    """Return the share of the tags' weight that two readings or more hold, in [0, 1]; 0 where there are no tags."""
    votes = _votes(readings, groups).values()
    total = math.fsum(tag.weight for group in votes for tag in group.values())
    shared = math.fsum(tag.weight for group in votes if len(group) > 1 for tag in group.values())
    return shared / total if total > 0 else 0.0


def _votes(readings: Sequence[Reading], groups: dict[str, str]) -> dict[str, dict[int, Tag]]:
    """Return, by group, the heaviest tag of each reading that holds the group, by the reading's number."""
    votes: dict[str, dict[int, Tag]] = defaultdict(dict)
    for number, reading in enumerate(readings):
        for tag in reading:
            held = votes[groups[plain_form(tag.text)]]
            if number not in held or tag.weight > held[number].weight:
                held[number] = tag
    return dict(votes)

"""Merging: what the parts of a long conversation were about, made one: the same meaning counts once."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from conversation_genome.annotation import MAX_EVIDENCE, MAX_FACTS, MAX_PROFILES, Fact, Profile, Tag
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.meaning_groups import group_by_meaning, plain_form, strongest_first
from conversation_genome.embedding.scales import scale_of
from conversation_genome.engines.llm.containment import GroundedTag

_LEAST_WEIGHT: Final = 0.05
_SURER: Final = 0.03
"""What each further line that says the same adds to a fact's confidence."""


def merged_tags(parts: Sequence[Sequence[GroundedTag]], embedder: Embedder, *, max_tags: int) -> tuple[Tag, ...]:
    """Return one tag a meaning, best first; the best weighs 1.

    A meaning's weight is the root of the mean of its squares over the parts: what one part is all about outweighs
    what every part mentions by the way, and what comes back gains.
    """
    tags = [tag for part in parts for tag in part]
    if not tags:
        return ()
    forms = strongest_first((plain_form(tag.text), tag.weight) for tag in tags)
    groups = group_by_meaning(forms, embedder.embed(forms), scale_of(embedder.model))
    strongest: dict[str, GroundedTag] = {}
    squares: dict[str, list[float]] = defaultdict(list)
    for part in parts:
        for group, tag in _strongest(part, groups).items():
            squares[group].append(tag.weight**2)
            if group not in strongest or tag.weight > strongest[group].weight:
                strongest[group] = tag
    weights = {group: math.sqrt(math.fsum(own) / len(parts)) for group, own in squares.items()}
    best = max(weights.values())
    order = sorted(weights, key=lambda group: (-weights[group], group))[:max_tags]
    return tuple(
        Tag(
            text=strongest[group].text,
            aspect=strongest[group].aspect,
            weight=round(max(_LEAST_WEIGHT, weights[group] / best), 3),
        )
        for group in order
    )


def merged_profiles(
    conversation: Conversation, facts: Iterable[tuple[int, Fact]], speakers: Iterable[int], embedder: Embedder
) -> tuple[Profile, ...]:
    """Return one profile a participant who spoke, equal facts of one kind as one with the lines of all.

    Args:
        conversation: The talk.
        facts: (speaker, fact), in the order of the parts.
        speakers: The speaker of each line that says something, in order.
        embedder: Tells which facts say the same.
    """
    order: dict[str, None] = {}
    for speaker in speakers:
        order.setdefault(conversation.participant_name(speaker))
    held: dict[str, dict[str, list[Fact]]] = defaultdict(lambda: defaultdict(list))
    for speaker, fact in facts:
        held[conversation.participant_name(speaker)][fact.kind].append(fact)
    return tuple(
        Profile(
            participant=name,
            facts=tuple(fact for kind in held[name].values() for fact in _united(kind, embedder))[:MAX_FACTS],
        )
        for name in list(order)[:MAX_PROFILES]
    )


def _strongest(part: Iterable[GroundedTag], groups: Mapping[str, str]) -> dict[str, GroundedTag]:
    strongest: dict[str, GroundedTag] = {}
    for tag in part:
        group = groups[plain_form(tag.text)]
        if group not in strongest or tag.weight > strongest[group].weight:
            strongest[group] = tag
    return strongest


def _united(facts: Sequence[Fact], embedder: Embedder) -> list[Fact]:
    """Return facts of one kind with those that say the same made one."""
    forms = list(dict.fromkeys(plain_form(fact.text) or fact.text for fact in facts))
    groups = group_by_meaning(forms, embedder.embed(forms), scale_of(embedder.model))
    united: dict[str, Fact] = {}
    for fact in facts:
        group = groups[plain_form(fact.text) or fact.text]
        known = united.get(group)
        united[group] = fact if known is None else _joined(known, fact)
    return list(united.values())


def _joined(known: Fact, again: Fact) -> Fact:
    evidence = tuple(sorted({*known.evidence, *again.evidence}))[:MAX_EVIDENCE]
    confidence = min(0.99, known.confidence + _SURER * (len(evidence) - len(known.evidence)))
    return known.model_copy(update={"evidence": evidence, "confidence": round(confidence, 2)})

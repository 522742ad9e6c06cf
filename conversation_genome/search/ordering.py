"""From what was found on each level to one order of passages and one of conversations. Pure.

A passage is worth its ranks by words and by meaning, what the passages that touch it are worth, for talk about a thing
goes on for a while, and the rank of its conversation by words. A conversation is worth its best passage's rank and its
own ranks, those of its tags and those of what is known of its participants. The weights were tuned on one half of the
QMSum meetings and hold on the other: benchmarks/search/RESULTS.md.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final, TypeVar

from conversation_genome.search.ranking import Ranking, fused
from conversation_genome.vector_store.base import Level, Match

SHARP: Final = 3
"""The constant of the fusion for passages: the first ranks say far more than the fiftieth."""
BY_WORDS: Final = 1.0
BY_MEANING: Final = 0.5
BY_CONVERSATION: Final = 1.2
OVERLAPPING: Final = 0.5
"""What a passage gets of the worth of each one that it shares lines with."""
ADJOINING: Final = 0.25
_SPAN: Final = re.compile(r"\d+-(\d+)-(\d+)")

Found = Mapping[Level, Sequence[Sequence[Match]]]
"""By level the matches of each store, best first."""
Key = tuple[str, str]
"""A passage: conversation and window."""


AnyKey = TypeVar("AnyKey", str, Key)


@dataclass(frozen=True, slots=True)
class Order:
    """What was found, with its worth."""

    conversations: Mapping[str, float]
    """In (0, 1], best first."""
    passages: Mapping[Key, float]
    """In (0, 1], best first."""

    def passages_of(self) -> dict[str, list[Key]]:
        """Return the passages by conversation, best first."""
        by_conversation: dict[str, list[Key]] = defaultdict(list)
        for key in self.passages:
            by_conversation[key[0]].append(key)
        return by_conversation


def order_of(found: Found, is_near: Callable[[Match], bool]) -> Order:
    """Return the order of what was found.

    How rare a word is differs from store to store, so words are ranked in each and the ranks taken in turns; likeness
    of meaning is on one scale already.

    Args:
        found: What each level's stores found.
        is_near: Whether a match is near in meaning.
    """
    near = {level: _by_meaning(matches, is_near) for level, matches in found.items()}
    worded = {level: _by_words(matches) for level, matches in found.items()}
    passages = _passages(near.get(Level.WINDOW, []), worded.get(Level.WINDOW, []), worded.get(Level.CONVERSATION, []))
    rankings = [Ranking(_conversations(passages), 2.0)]
    for level in (Level.CONVERSATION, Level.TAG, Level.PROFILE):
        rankings += [Ranking(_conversations(keys), 1.0) for keys in (near.get(level, []), worded.get(level, []))]
    return Order(_best_first(fused(rankings)), passages)


def _passages(near: Sequence[Key], worded: Sequence[Key], conversations: Sequence[Key]) -> dict[Key, float]:
    own = fused([Ranking(worded, BY_WORDS), Ranking(near, BY_MEANING)], constant=SHARP)
    talks = {key[0]: score for key, score in fused([Ranking(conversations, 1.0)], constant=SHARP).items()}
    most = 1 + 2 * (OVERLAPPING + ADJOINING) + BY_CONVERSATION
    helped = _helped(own)
    whole = {key: (own[key] + helped[key] + BY_CONVERSATION * talks.get(key[0], 0.0)) / most for key in own}
    return _best_first({key: min(1.0, score) for key, score in whole.items()})


def _helped(own: Mapping[Key, float]) -> dict[Key, float]:
    """Return what each passage gets from those that touch it."""
    helped: dict[Key, float] = defaultdict(float)
    by_conversation: dict[str, list[tuple[int, int, Key]]] = defaultdict(list)
    for key in own:
        if span := _SPAN.fullmatch(key[1]):
            by_conversation[key[0]].append((int(span[1]), int(span[2]), key))
    for spans in by_conversation.values():
        for start, end, key in spans:
            for other_start, other_end, other in spans:
                if other != key:
                    helped[key] += own[other] * _touch(start, end, other_start, other_end)
    return helped


def _touch(start: int, end: int, other_start: int, other_end: int) -> float:
    if start < other_end and other_start < end:
        return OVERLAPPING
    return ADJOINING if start == other_end or other_start == end else 0.0


def _by_meaning(stores: Sequence[Sequence[Match]], is_near: Callable[[Match], bool]) -> list[Key]:
    near = [match for matches in stores for match in matches if is_near(match)]
    return _ranked(near, lambda match: match.similarity or 0.0)


def _by_words(stores: Sequence[Sequence[Match]]) -> list[Key]:
    worded = ([match for match in matches if match.word_score > 0] for matches in stores)
    return _in_turns([_ranked(matches, lambda match: match.word_score) for matches in worded])


def _ranked(matches: Sequence[Match], value: Callable[[Match], float]) -> list[Key]:
    keyed = [(-value(match), (match.record.conversation_id, match.record.part)) for match in matches]
    return [key for _, key in sorted(keyed)]


def _conversations(keys: Iterable[Key]) -> list[str]:
    """Return the conversations in the order of their best record."""
    return list(dict.fromkeys(conversation_id for conversation_id, _ in keys))


def _in_turns(rankings: Sequence[Sequence[Key]]) -> list[Key]:
    """Return the first of each ranking, then the second of each, and so on."""
    return [key for keys in zip_longest(*rankings) for key in keys if key is not None]


def _best_first(scores: Mapping[AnyKey, float]) -> dict[AnyKey, float]:
    return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))

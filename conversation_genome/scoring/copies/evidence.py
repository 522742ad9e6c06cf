"""Evidence that one answer to a window was taken from another, for every ordered pair at once.

A tag or fact is **marked** for a pair (a, b) when one of its telling words stands in the lines that b was shown
and nowhere in those that a was shown, not even inside another word. If b says it, that is b's work; if a says it too, a did not read it.

    taken(a, b)  = ln(KEPT / CHANCE) for each marked saying of b that a says too,
                   ln((1 - KEPT) / (1 - CHANCE)) for each that a does not say, three of each counted at most
    blind(a, b)  = ln((1 - OWN) / (1 - r)) for each line that a was shown and b was not, of which a says nothing,
                   ln(OWN / r) for each of which a says something
    same(a, b)   = 1.4 where a's tags are b's, less those that a could not know, and a says nothing of one line that only
                   it was shown, though others do; 2.5 with two such lines; -.8 where the tags are not the same, -.3 within `evidence`
    evidence     = taken + blind + same where a's sayings are like b's, and never above 0 where they are not

Where nothing is taken, `blind` may only speak for a; where something is, `same` may not. A copier who leaves out what
it was not shown gives nothing away by `taken`; blind + same tells, over windows. Two who run one engine say the same of
different lines in 13 % of the windows with one such line and in 2 % of those with two (measured: benchmarks/copies),
copiers in nearly all: `same` never convicts in one window, and counts for less than that would allow.

KEPT is the share of what it copies that a copier keeps, CHANCE the rate at which an honest miner says what it was
never shown, OWN the rate at which a copier says something of a line that it would have to read itself. r is how
often a says something of other lines of the same kind: its own record on lines that both were shown is the control,
so that a miner of few tags is not taken for one who did not look. The sum is the logarithm of the likelihood
ratio of "a copied b" over "both read" (Neyman & Pearson 1933, Phil. Trans. R. Soc. A 231).

Nobody can be framed: the evidence against a needs words in a's own answer that a was never shown.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from conversation_genome.errors import ScoringInputError
from conversation_genome.scoring.copies.marks import roots
from conversation_genome.scoring.wording import normalise

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]
IndexArray = NDArray[np.intp]
Item = TypeVar("Item", bound=Hashable)

KEPT: Final = 0.7
CHANCE: Final = 0.01
OWN: Final = 0.15
MOST_COUNTED: Final = 3.0
LIKE: Final = 0.5
"""Overlap of two answers' tags (Dice's coefficient) from which one may be a copy of the other."""
SAME: Final = 0.95
"""Dice's coefficient from which tags are the same."""
FEWEST_SAME: Final = 4
"""Tags: fewer are the same too easily."""
SAME_NATS: Final = (0.0, 1.4, 2.5)
"""By the lines that only it was shown and others speak of: none, one, two or more; two windows of one line are not enough."""
NOT_SAME_NATS: Final = -0.8
OPEN_NOT_SAME_NATS: Final = -0.3
"""Less, where whoever adds or drops some tags is looked for, too."""
THRESHOLD: Final = 3.0
"""Evidence from which a pair is taken for author and copier: one borrowed saying, against which little speaks."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one miner was shown of a window, and what it said of it."""

    shown: frozenset[int]
    """The numbers of the lines that it was sent."""
    tags: tuple[str, ...]
    facts: tuple[str, ...] = ()
    seconds: float = 0.0
    """How long it took to answer."""


@dataclass(frozen=True, slots=True)
class CopyEvidence:
    """What a window tells of n answers; [i, j] is about answer i being taken from answer j."""

    names: tuple[str, ...]
    """Sorted."""
    nats: FloatArray
    """Shape (n, n): the logarithm of the likelihood ratio, 0 on the diagonal."""
    blind: FloatArray
    """Shape (n, n): what tells of a copier who leaves out what it was not shown."""
    likeness: FloatArray
    """Shape (n, n), symmetric, in [0, 1]: Dice's coefficient of the answers' tags, however inflected."""
    borrowed: FloatArray
    """Shape (n, n): sayings of j that i repeats though none of its lines holds them."""
    later: BoolArray
    """Shape (n, n): whether i answered after j."""
    is_varied: bool = True
    """Whether any two were shown different lines: else nothing can be told."""


def compare(lines: Mapping[int, str], statements: Mapping[str, Statement]) -> CopyEvidence:
    """Return what the answers to one window tell of each other; the same bits in whatever order they come.

    Args:
        lines: The lines of the window by number, of those that anybody was shown.
        statements: One an answer, by the miner's name.

    Raises:
        ScoringInputError: If somebody was shown a line that is not there.
    """
    names = tuple(sorted(statements))
    given = [statements[name] for name in names]
    missing = sorted(set().union(*(one.shown for one in given)) - set(lines)) if given else []
    if missing:
        raise ScoringInputError(f"line {missing[0]} was shown and is not one of the window's {len(lines)} lines")
    table = _Table.of(lines, given)
    marked, taken, overlap = table.marked_taken_and_overlap()
    likeness = table.likeness()
    blind, lines_alone = table.blind_nats()
    same = _same_nats(overlap, lines_alone, table.tag_counts())
    supporting = np.where(
        taken > 0, blind + np.maximum(same, 0.0), np.minimum(blind, 0.0) + np.maximum(same, OPEN_NOT_SAME_NATS)
    )
    nats = _where_alike(_taken_nats(marked, taken) + supporting, likeness)
    blind = blind + same
    seconds = np.array([one.seconds for one in given], dtype=np.float64)
    later = seconds[:, None] > seconds[None, :]
    is_varied = len(table.editions) > 1
    return CopyEvidence(names, nats, _where_alike(blind, likeness), likeness, taken, later, is_varied)


def _where_alike(nats: FloatArray, likeness: FloatArray) -> FloatArray:
    kept = np.where(likeness >= LIKE, nats, np.minimum(nats, 0.0))
    np.fill_diagonal(kept, 0.0)
    return kept


def _taken_nats(marked: FloatArray, taken: FloatArray) -> FloatArray:
    left = np.minimum(marked - taken, MOST_COUNTED)
    both = np.minimum(taken, MOST_COUNTED)
    nats: FloatArray = both * np.log(KEPT / CHANCE) + left * np.log((1 - KEPT) / (1 - CHANCE))
    return nats


def _same_nats(overlap: FloatArray, lines_alone: FloatArray, tag_counts: FloatArray) -> FloatArray:
    nats = np.take(SAME_NATS, np.minimum(lines_alone, len(SAME_NATS) - 1).astype(np.intp))
    is_same = (overlap >= SAME) & (tag_counts[:, None] >= FEWEST_SAME)
    found: FloatArray = np.where(is_same, nats, np.where((overlap < SAME) & (lines_alone > 0), NOT_SAME_NATS, 0.0))
    return found


@dataclass(frozen=True, slots=True)
class _Table:
    """n answers, t distinct sayings, l lines and the r roots that stand in them."""

    holds: FloatArray
    """Shape (n, t): who says what."""
    tags: BoolArray
    """Shape (t,): which sayings are tags."""
    made_of: FloatArray
    """Shape (t, r): the roots of each saying."""
    said: FloatArray
    """Shape (n, r)."""
    stands: BoolArray
    """Shape (l, r): which lines hold which roots."""
    touches: BoolArray
    """Shape (l, r): the same, be it inside another word or an address: whoever was shown that may have said it."""
    shown: BoolArray
    """Shape (n, l)."""
    editions: tuple[IndexArray, ...]
    """The answers by what they were made from."""

    @classmethod
    def of(cls, lines: Mapping[int, str], given: Sequence[Statement]) -> "_Table":
        tags = [_sayings(one.tags) for one in given]
        facts = [_sayings(one.facts) for one in given]
        distinct_tags, distinct_facts = (sorted(set().union(*every), key=sorted) for every in (tags, facts))
        in_lines = [roots(text) for _, text in sorted(lines.items())]
        places = {root: place for place, root in enumerate(sorted(set().union(*in_lines)))}
        held = [_incidence(own, distinct) for own, distinct in ((tags, distinct_tags), (facts, distinct_facts))]
        holds = np.concatenate(held, axis=1)
        made_of = _roots_of([*distinct_tags, *distinct_facts], places)
        stands = _roots_of(in_lines, places) > 0
        by_edition: dict[frozenset[int], list[int]] = {}
        for index, one in enumerate(given):
            by_edition.setdefault(one.shown, []).append(index)
        return cls(
            holds=holds,
            tags=np.arange(holds.shape[1]) < len(distinct_tags),
            made_of=made_of,
            said=np.minimum(holds @ made_of, 1.0),
            stands=stands,
            touches=stands | _inside(lines, places),
            shown=_incidence([one.shown for one in given], sorted(lines)) > 0,
            editions=tuple(np.array(members, dtype=np.intp) for members in by_edition.values()),
        )

    def likeness(self) -> FloatArray:
        """Return twice the tags that both hold by the tags of both: shape (n, n); 0 where there are none."""
        own = self.holds[:, self.tags]
        sizes = own.sum(axis=1)
        both = sizes[:, None] + sizes[None, :]
        shared: FloatArray = np.divide(2 * own @ own.T, both, out=np.zeros((len(own), len(own))), where=both > 0)
        return shared

    def tag_counts(self) -> FloatArray:
        """Return how many tags each answer holds: shape (n,)."""
        counts: FloatArray = self.holds[:, self.tags].sum(axis=1)
        return counts

    def marked_taken_and_overlap(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Return how many sayings of j are marked for i, how many of these i says, and how far i's tags are j's.

        All of shape (n, n); the last is Dice's coefficient, without j's tags that are marked and that i does not hold.
        """
        count = len(self.holds)
        marked, taken, overlap = (np.zeros((count, count)) for _ in range(3))
        stands = np.array([self._any_line(self.stands, edition) for edition in self.editions])
        for ours in self.editions:
            foreign = stands & ~self._any_line(self.touches, ours)  # (editions, r): what only those were shown
            is_marked = (foreign @ self.made_of.T > 0)[self._edition_of()]  # (n, t)
            marked[ours] = (self.holds * is_marked).sum(axis=1)
            overlap[ours] = self._overlap(ours, is_marked.astype(np.float64))
            for theirs, only_theirs in zip(self.editions, foreign, strict=True):
                if only_theirs.any():
                    repeated = self.made_of @ (self.said[ours] * only_theirs).T > 0
                    taken[ours[:, None], theirs[None, :]] = (self.holds[theirs] @ repeated).T
        return marked, taken, overlap

    def _overlap(self, ours: IndexArray, is_marked: FloatArray) -> FloatArray:
        own, other, marked = self.holds[ours][:, self.tags], self.holds[:, self.tags], is_marked[:, self.tags]
        known = (other * (1 - marked)).sum(axis=1)[None, :] + own @ (marked * other).T
        both = own.sum(axis=1)[:, None] + known
        found: FloatArray = np.divide(2 * own @ other.T, both, out=np.zeros(both.shape), where=both > 0)
        return found

    def _edition_of(self) -> IndexArray:
        """Return the place of each answer's edition: shape (n,)."""
        places = np.empty(len(self.holds), dtype=np.intp)
        for place, members in enumerate(self.editions):
            places[members] = place
        return places

    def _any_line(self, by_line: BoolArray, edition: IndexArray) -> BoolArray:
        """Return for each root whether it is true of any line that an edition shows: shape (r,)."""
        found: BoolArray = by_line[self.shown[edition[0]]].any(axis=0)
        return found

    def blind_nats(self) -> tuple[FloatArray, FloatArray]:
        """Return what a silence about lines that only i was shown says, against i's record, and how many they are.

        Both of shape (n, n); lines of which nobody else speaks are not counted.
        """
        once = self.stands & (self.stands.sum(axis=0) == 1)[None, :]
        speaks = ((self.said @ once.T.astype(np.float64)) > 0) & self.shown
        speakers = speaks.sum(axis=0)
        nats, lines_alone = (np.zeros((len(self.holds), len(self.holds))) for _ in range(2))
        for i, (own, spoken) in enumerate(zip(self.shown, speaks, strict=True)):
            worthwhile = own & (speakers - spoken > 0)
            alone, both = worthwhile & ~self.shown, worthwhile & self.shown
            rate = ((both & spoken).sum(axis=1) + 0.5) / (both.sum(axis=1) + 1.0)
            rate = np.clip(rate, OWN, 0.9)
            silent, speaking = (alone & ~spoken).sum(axis=1), (alone & spoken).sum(axis=1)
            nats[i] = silent * np.log((1 - OWN) / (1 - rate)) + speaking * np.log(OWN / rate)
            lines_alone[i] = alone.sum(axis=1)
        return nats, lines_alone


def _sayings(texts: Iterable[str]) -> frozenset[frozenset[str]]:
    return frozenset(found for text in texts if (found := roots(text)))


def _incidence(sets: Sequence[frozenset[Item]], items: Sequence[Item]) -> FloatArray:
    """Return 1 where a set holds an item: shape (len(sets), len(items))."""
    place = {item: column for column, item in enumerate(items)}
    table = np.zeros((len(sets), len(items)))
    for row, members in enumerate(sets):
        table[row, [place[item] for item in members]] = 1.0
    return table


def _roots_of(sets: Sequence[frozenset[str]], place: Mapping[str, int]) -> FloatArray:
    """Return 1 where a set holds a root that stands in the lines: shape (len(sets), len(place))."""
    return _incidence([found & place.keys() for found in sets], list(place))


def _inside(lines: Mapping[int, str], place: Mapping[str, int]) -> BoolArray:
    """Return whether a line holds a root anywhere: shape (len(lines), len(place))."""
    texts = [normalise(text) for _, text in sorted(lines.items())]
    return np.array([[root in text for root in place] for text in texts], dtype=np.bool_).reshape(
        len(lines), len(place)
    )

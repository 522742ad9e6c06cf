"""Kin are paid as one: hotkeys that keep giving one engine's answers earn together what one of them would.

Sharing the reward of a window among the copies *in that window* does not pay a second hotkey less: of many miners a
few are asked about each window, so that an owner's hotkeys seldom meet and each earns alone where it does. What a
hotkey is worth is settled where they do meet: here, on the averages, over time.

For each pair of hotkeys the record counts the windows that both answered, n, and those in which their answers were
found to be copies, c. The evidence that the pair is one engine is the ratio of two likelihoods,

    E = mean over p of (p / p0)^c ((1 - p) / (1 - p0))^(n - c),   p in .1 .3 .6 .9,   p0 = .02

where p0 is the rate at which honest strangers may be taken for copies. While a pair's true rate is at most p0, E is a
supermartingale with mean 1, so that it *ever* reaches 1/a with a probability of at most a (Ville 1939, "Etude critique
de la notion de collectif"; as a sequential test Wald 1945, Ann. Math. Stat. 16). With 1/a = 100 times the number of
pairs, the chance that any two strangers of the subnet are ever taken for kin is at most 1 %.

Worked examples (128 hotkeys, 8,128 pairs, E >= 812,800):

    copies in 4 of 4 windows       kin            copies in 1 of 1    E = 24, not yet
    copies in 9 of 30 windows      kin            copies in 2 of 40   E = 1.2, not yet
    copies in 30 of 300 windows    kin            copies in 6 of 300  E = 0.0, strangers
"""

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import ScoringInputError

Held = TypeVar("Held")

STRANGERS_RATE: Final = 0.02
"""p0: windows in which two independent honest answers may be taken for copies; the detector's target is half of it."""
KIN_RATES: Final = (0.1, 0.3, 0.6, 0.9)
"""p: from kin that vary their answers to kin that do not."""
LEAST_RATE: Final = 0.05
"""Below this share of copies no rate p makes E exceed 1: c / n > .0503 for p = .1, and more for the others."""
FALSE_KIN: Final = 0.01
"""The chance that any two strangers of a subnet are ever taken for kin."""
AUTHOR_RATE: Final = 0.9
"""How often the author of copies is told rightly, where it is told; against 1/2 between equals."""
FALSE_AUTHOR: Final = 0.1
"""Mild on purpose: where equals are taken for author and copier, the group still earns what one would."""
AUTHORLESS: Final = 20
"""After so many copies of which none told an author, two hotkeys are equals."""


class Copy(NamedTuple):
    """Two answers to one window that were found to be copies."""

    first: Hotkey
    second: Hotkey
    author: Hotkey | None = None
    """Which of the two wrote it, where the window tells."""


@dataclass(frozen=True, slots=True)
class Meeting:
    """Who answered one window, and which answers were copies."""

    answered: tuple[Hotkey, ...]
    copies: tuple[Copy, ...] = ()


class CopyRecord(NamedTuple):
    """The copies between two hotkeys, the one that sorts first being `first`."""

    alike: int = 0
    first_led: int = 0
    second_led: int = 0


@dataclass(frozen=True, slots=True)
class Kin:
    """Which hotkeys are not engines of their own."""

    groups: tuple[frozenset[Hotkey], ...] = ()
    """Equals that are one engine, as an owner's hotkeys are."""
    copiers: frozenset[Hotkey] = frozenset()
    """Those that copy another's answers, whose author is known. They are in no group: else one that copies two
    strangers would join these to each other."""


class Kinship(BaseModel):
    """Every pair's record; `model_dump_json` and `model_validate_json` carry it over a restart."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    met: dict[Hotkey, dict[Hotkey, int]] = Field(default_factory=dict)
    """Windows that both answered, by the hotkey of the pair that sorts first, then by the other."""
    copies: dict[Hotkey, dict[Hotkey, CopyRecord]] = Field(default_factory=dict)
    """The same for the copies among them; pairs without any are left out."""

    @property
    def hotkeys(self) -> set[Hotkey]:
        """Everybody who has met somebody."""
        return set(self.met).union(*self.met.values())

    def updated(self, meetings: Iterable[Meeting]) -> Self:
        """Return the record after some windows.

        Raises:
            ScoringInputError: If a copy names a hotkey that did not answer, or one hotkey twice.
        """
        met = {first: dict(others) for first, others in self.met.items()}
        copies = {first: dict(others) for first, others in self.copies.items()}
        for meeting in meetings:
            _count(met, sorted(meeting.answered))
            for copy in meeting.copies:
                first, second = _pair(copy, meeting)
                others = copies.setdefault(first, {})
                others[second] = _after_copy(others.get(second, CopyRecord()), copy.author, first, second)
        return self.model_copy(update={"met": met, "copies": copies})

    def kept(self, registered: Collection[Hotkey]) -> Self:
        """Return the record of those that are still registered; whoever comes back starts anew."""
        present = set(registered)
        if present >= self.hotkeys:
            return self
        return self.model_copy(update={"met": _among(present, self.met), "copies": _among(present, self.copies)})

    def kin(self) -> Kin:
        """Return which hotkeys are one engine, whoever is kin of a member being one, too, and which are copiers."""
        needed = self._evidence_needed()
        linked = [(first, second, record) for first, second, record, likely in self._likely() if likely >= needed]
        copiers = {second for _, second, record in linked if _leads(record.first_led, record.second_led)}
        copiers |= {first for first, _, record in linked if _leads(record.second_led, record.first_led)}
        equals = [(first, second) for first, second, _ in linked if not copiers & {first, second}]
        return Kin(_joined(equals), frozenset(copiers))

    def suspects(self) -> dict[Hotkey, tuple[Hotkey, ...]]:
        """Return by hotkey whom to ask about the same windows: those that may be its kin, or its author or copier."""
        needed = self._evidence_needed()
        found: dict[Hotkey, list[Hotkey]] = {}
        for first, second, record, likely in self._likely():
            if likely > 0 and (likely < needed or not _is_author_settled(record)):
                found.setdefault(first, []).append(second)
                found.setdefault(second, []).append(first)
        return {hotkey: tuple(others) for hotkey, others in found.items()}

    def _likely(self) -> Iterator[tuple[Hotkey, Hotkey, CopyRecord, float]]:
        """Yield the pairs that speak for kin, with ln E."""
        for first, others in self.copies.items():
            met = self.met[first]
            for second, record in others.items():
                if record.alike > LEAST_RATE * met[second]:
                    yield first, second, record, evidence(met[second], record.alike)

    def _evidence_needed(self) -> float:
        return math.log(max(1, math.comb(len(self.hotkeys), 2)) / FALSE_KIN)


@lru_cache(maxsize=65_536)
def evidence(met: int, alike: int) -> float:
    """Return ln E, the evidence that two hotkeys whose answers were alike in so many of the windows are one engine."""
    apart = met - alike
    terms = [
        alike * math.log(rate / STRANGERS_RATE) + apart * math.log((1 - rate) / (1 - STRANGERS_RATE))
        for rate in KIN_RATES
    ]
    peak = max(terms)
    return peak + math.log(math.fsum(math.exp(term - peak) for term in terms) / len(terms))


def paid_as_one(averages: Mapping[Hotkey, float], kin: Kin) -> dict[Hotkey, float]:
    """Return the averages with each group of kin earning what one hotkey would, and copiers nothing.

    A group gets the mean of its members' averages, each weighing itself, and divides it in their proportion: of k equals
    each gets 1/k, so that a further hotkey adds nothing, and whoever was left the reward of its copies keeps it.
    """
    paid = {hotkey: 0.0 if hotkey in kin.copiers else average for hotkey, average in averages.items()}
    for group in kin.groups:
        members = sorted(member for member in group if member in averages)
        total = math.fsum(averages[member] for member in members)
        if total > 0:
            shares = {member: averages[member] / total for member in members}
            one = math.fsum(averages[member] * share for member, share in shares.items())
            paid |= {member: one * share for member, share in shares.items()}
    return paid


def asked_together(drawn: Sequence[Hotkey], suspects: Mapping[Hotkey, Sequence[Hotkey]]) -> list[Hotkey]:
    """Return the miners to ask about a window: as many as were drawn, the last of them replaced by suspects.

    Up to half of the places go to those that may be kin of the first one drawn, so that a suspicion is
    settled in a few windows, for or against. Whom the draw puts first is chance, so nobody is spared.
    """
    invited = [other for other in suspects.get(drawn[0], ()) if other not in drawn] if drawn else []
    invited = invited[: len(drawn) // 2]
    return [*drawn[: len(drawn) - len(invited)], *invited]


def _pair(copy: Copy, meeting: Meeting) -> tuple[Hotkey, Hotkey]:
    first, second = sorted((copy.first, copy.second))
    if first == second or not {first, second} <= set(meeting.answered):
        raise ScoringInputError(f"a copy between {first!r} and {second!r}, which did not both answer the window")
    return first, second


def _count(met: dict[Hotkey, dict[Hotkey, int]], answered: Sequence[Hotkey]) -> None:
    for at, first in enumerate(answered):
        others = met.setdefault(first, {})
        for second in answered[at + 1 :]:
            others[second] = others.get(second, 0) + 1


def _among(
    present: Collection[Hotkey], pairs: Mapping[Hotkey, Mapping[Hotkey, Held]]
) -> dict[Hotkey, dict[Hotkey, Held]]:
    return {
        first: {second: held for second, held in others.items() if second in present}
        for first, others in pairs.items()
        if first in present
    }


def _after_copy(record: CopyRecord, author: Hotkey | None, first: Hotkey, second: Hotkey) -> CopyRecord:
    return record._replace(
        alike=record.alike + 1,
        first_led=record.first_led + (author == first),
        second_led=record.second_led + (author == second),
    )


def _is_author_settled(record: CopyRecord) -> bool:
    if record.first_led or record.second_led:
        return _leads(record.first_led, record.second_led) or _leads(record.second_led, record.first_led)
    return record.alike >= AUTHORLESS


def _leads(for_it: int, against_it: int) -> bool:
    """Tell whether one is the author: the same sequential test, of AUTHOR_RATE against 1/2."""
    ratio = for_it * math.log(2 * AUTHOR_RATE) + against_it * math.log(2 * (1 - AUTHOR_RATE))
    return ratio >= math.log(1 / FALSE_AUTHOR)


def _joined(linked: Iterable[tuple[Hotkey, Hotkey]]) -> tuple[frozenset[Hotkey], ...]:
    group_of: dict[Hotkey, set[Hotkey]] = {}
    for first, second in linked:
        joined = group_of.get(first, {first}) | group_of.get(second, {second})
        group_of |= dict.fromkeys(joined, joined)
    distinct = {id(group): group for group in group_of.values()}
    return tuple(sorted((frozenset(group) for group in distinct.values()), key=min))

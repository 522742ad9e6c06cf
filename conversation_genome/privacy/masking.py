# ruff: noqa: RUF001 - apostrophes as people write them
"""Mask: stable placeholders for what is personal in one conversation, in its lines and in whatever was made of them.

A mask is made of a whole conversation: a name that was understood once is masked wherever it stands, in part and in
any case, so that no tag, no profile and no later line gives it away. Equal conversations give equal masks.
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Final

from conversation_genome.annotation import Fact, Profile
from conversation_genome.conversation import Conversation
from conversation_genome.privacy.addresses import addresses
from conversation_genome.privacy.finding import Finding, Kind, without_overlaps
from conversation_genome.privacy.names import is_widely_known, names_in
from conversation_genome.privacy.patterns import formed
from conversation_genome.privacy.telephone import telephone_numbers

_LABEL: Final = re.compile(
    r"^(?:speaker|user|agent|participant|person|mturk_agent|customer|assistant|bot|system|host|guest|unknown)?[\s_\-#]*\d*$",
    re.IGNORECASE,
)
"""Names that name nobody: SPEAKER_0, User 1."""
_PART: Final = re.compile(r"[^\W\d_][\w'’\-]+")
_MIN_PART: Final = 3
_PARTICLES: Final = frozenset(
    ["van", "von", "der", "den", "the", "and", "del", "della", "bin", "ter", "los", "las", "mrs", "miss", "user"]
)
_WHOLE: Final = 10_000
"""Values in one search at most; a conversation that holds more is masked in turns."""


def findings_in(texts: Sequence[str]) -> list[tuple[Finding, ...]]:
    """Return what is personal in each text; of overlapping findings the longest."""
    held = names_in(texts)
    return [
        without_overlaps([*formed(text), *telephone_numbers(text), *addresses(text), *names])
        for text, names in zip(texts, held, strict=True)
    ]


def has_form(text: str) -> bool:
    """Return whether a text holds what is personal by its form alone: e-mail, card, telephone, address ...; no names."""
    return any(True for find in (formed, telephone_numbers, addresses) for _ in find(text))


class Mask:
    """What is personal in one conversation, and what stands in its place: `[EMAIL_1]`, `[PERSON_2]`."""

    def __init__(self, conversation: Conversation) -> None:
        """Read the conversation; nothing of it is kept but the values that were found."""
        texts = [line.text for line in conversation.lines]
        self._placeholders: dict[str, str] = {}
        self._counts: Counter[Kind] = Counter()
        self._parts: dict[str, str] = {}
        self._capitals: set[str] = set()
        """Single names that were written with a capital: without it the word may be another (`will`)."""
        for name in conversation.participants:
            if not _LABEL.match(name.strip()):
                self._add(name.strip(), Kind.PERSON)
        for text, findings in zip(texts, findings_in(texts), strict=True):
            for finding in findings:
                self._add(text[finding.start : finding.end], finding.kind)

    @property
    def is_empty(self) -> bool:
        """Whether nothing personal was found."""
        return not self._placeholders

    @property
    def values(self) -> tuple[str, ...]:
        """What was found, in lower case."""
        return tuple(self._placeholders)

    def text(self, text: str) -> str:
        """Return a text with placeholders for every value that was found anywhere in the conversation."""
        for pattern in self._whole:
            text = pattern.sub(self._placeholder, text)
        return self._part.sub(self._part_placeholder, text) if self._part else text

    def tells(self, text: str) -> bool:
        """Return whether a tag or a fact gives a value or a part of a name away, in whatever case."""
        words = {word.casefold().removesuffix("'s") for word in _PART.findall(text)}
        return bool(words & self._parts.keys()) or self.text(text) != text or has_form(text)

    def conversation(self, conversation: Conversation) -> Conversation:
        """Return the conversation with placeholders in its lines and for the names of its participants."""
        lines = tuple(line.model_copy(update={"text": self.text(line.text)}) for line in conversation.lines)
        names = tuple(self.participant(name) for name in conversation.participants)
        return conversation.model_copy(update={"lines": lines, "participants": names})

    def participant(self, name: str) -> str:
        """Return what stands for a participant: the placeholder of their name, or the name where it names nobody."""
        return self._placeholders.get(_key(name), name)

    def profiles(self, profiles: Iterable[Profile]) -> tuple[Profile, ...]:
        """Return profiles under placeholders, with placeholders in their facts."""
        return tuple(
            Profile(participant=self.participant(profile.participant), facts=tuple(map(self._fact, profile.facts)))
            for profile in profiles
        )

    def _fact(self, fact: Fact) -> Fact:
        return fact.model_copy(update={"text": self.text(fact.text)[:200]})

    def _add(self, value: str, kind: Kind) -> None:
        key = _key(value)
        if not key or key in self._placeholders:
            return
        known = self._parts.get(key) if kind is Kind.PERSON else None
        if known is None:
            self._counts[kind] += 1
            known = f"[{kind}_{self._counts[kind]}]"
        self._placeholders[key] = known
        if kind is Kind.PERSON and " " not in key and value[:1].isupper():
            self._capitals.add(key)
        if kind is Kind.PERSON and not is_widely_known(value):
            for part in _PART.findall(value):
                if len(part) >= _MIN_PART and part.casefold() not in _PARTICLES:
                    self._parts.setdefault(part.casefold().removesuffix("'s"), known)

    @cached_property
    def _whole(self) -> tuple[re.Pattern[str], ...]:
        """The whole values, longest first; words apart by any blanks."""
        values = sorted(self._placeholders, key=lambda value: (-len(value), value))
        return tuple(
            re.compile("|".join(map(_written, values[start : start + _WHOLE])), re.IGNORECASE)
            for start in range(0, len(values), _WHOLE)
        )

    @cached_property
    def _part(self) -> re.Pattern[str] | None:
        """Parts of names, with a capital: `will` stays where there is a Will."""
        parts = sorted(self._parts, key=lambda part: (-len(part), part))
        return re.compile(rf"(?<!\[)\b(?:{'|'.join(map(re.escape, parts))})\b", re.IGNORECASE) if parts else None

    def _placeholder(self, found: re.Match[str]) -> str:
        key = _key(found[0])
        is_word = key in self._capitals and not found[0][:1].isupper()
        return found[0] if is_word else self._placeholders.get(key, "[PERSONAL]")

    def _part_placeholder(self, found: re.Match[str]) -> str:
        return self._parts[found[0].casefold()] if found[0][:1].isupper() else found[0]


def masked(conversation: Conversation) -> Conversation:
    """Return a conversation with placeholders for all that is personal in it; its labels stay."""
    return Mask(conversation).conversation(conversation)


def _key(value: str) -> str:
    return " ".join(value.casefold().split())


def _written(value: str) -> str:
    words = r"\s+".join(map(re.escape, value.split()))
    return rf"(?<!\w){words}(?!\w)"

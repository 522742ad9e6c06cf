"""Profiles: what each participant said of themselves, in the first person, with the lines where they said it.

Nothing is inferred, nothing is taken from what others say, and age, ethnicity, health, religion and the like
are left out even where they are said.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from conversation_genome.annotation import MAX_EVIDENCE, MAX_FACTS, MAX_PROFILES, Fact, FactKind, Profile
from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.cleaning import is_addressed_to_machine
from conversation_genome.engines.extractive.english_facts import ENGLISH_FACTS
from conversation_genome.engines.extractive.fact_pattern import FactPattern
from conversation_genome.engines.extractive.language import ENGLISH
from conversation_genome.engines.extractive.other_facts import OTHER_FACTS
from conversation_genome.engines.extractive.reading import Reading
from conversation_genome.engines.extractive.words import phrase_list

_MAX_FACT_CHARACTERS: Final = 80
_MAX_SENTENCES: Final = 60
_REPEATED: Final = 0.03
"""Each further line that says the same makes it that much surer."""
_SENTENCE: Final = re.compile(r"(?<=[.!?;。\uff01\uff1f])\s*|\s+-{1,2}\s+|\n")
_SPLIT_CONTRACTION: Final = re.compile(r"\s+(['\u2019](?:m|s|re|ve|ll|d)\b|n['\u2019]t\b)")
_WORD: Final = re.compile(r"[\w'\-]+")
_FIRST_PERSON: Final = re.compile(r"\b(?:i|im|i'm|my)\b", re.IGNORECASE)
_TRAILING: Final = re.compile(
    r"(?:\s+(?:a lot|lot|so much|much|very|too|and|or|the|an?|of|in|on|at|to|my|just|really|now|lately|here|there|though|about|from|by|"
    r"well|myself|this|these|your|more|more than|better|best|most|out|some|any|going|like|actually|yeah|not|up|when|that))+$",
    re.IGNORECASE,
)


def profiles_of(conversation: Conversation, reading: Reading) -> tuple[Profile, ...]:
    """Return one profile of each participant who spoke; of those who spoke most where they are very many."""
    lines = Counter(line.speaker for line, text in zip(conversation.lines, reading.texts, strict=True) if text)
    speakers = sorted(sorted(lines, key=lambda one: (-lines[one], one))[:MAX_PROFILES])
    facts = _facts_by_speaker(conversation, reading)
    names: dict[str, int] = {}
    for speaker in speakers:
        names.setdefault(conversation.participant_name(speaker), speaker)
    return tuple(Profile(participant=name, facts=facts.get(speaker, ())) for name, speaker in names.items())


def _facts_by_speaker(conversation: Conversation, reading: Reading) -> dict[int, tuple[Fact, ...]]:
    patterns = ENGLISH_FACTS if reading.language == ENGLISH else OTHER_FACTS.get(reading.language, ())
    found: defaultdict[int, dict[tuple[FactKind, str], Fact]] = defaultdict(dict)
    for number, (line, text) in enumerate(zip(conversation.lines, reading.texts, strict=True)):
        if is_addressed_to_machine(text):
            continue
        for fact in _line_facts(text, number, patterns, reading.language):
            own = found[line.speaker]
            key = (fact.kind, fact.text.lower())
            own[key] = _joined(own[key], fact) if key in own else fact
    return {speaker: tuple(own.values())[:MAX_FACTS] for speaker, own in found.items()}


def _line_facts(text: str, number: int, patterns: Sequence[FactPattern], language: str) -> Iterator[Fact]:
    if language == ENGLISH and not _FIRST_PERSON.search(text):
        return
    plain = _SPLIT_CONTRACTION.sub(r"\1", text).replace("\u2019", "'")
    for sentence in _SENTENCE.split(plain)[:_MAX_SENTENCES]:
        if sentence and not sentence.endswith(("?", "\uff1f")):
            yield from _sentence_facts(sentence, number, patterns)


def _sentence_facts(sentence: str, number: int, patterns: Sequence[FactPattern]) -> Iterator[Fact]:
    words = set(_WORD.findall(sentence.lower()))
    for pattern in patterns:
        if pattern.triggers and not pattern.triggers & words:
            continue
        for found in pattern.pattern.finditer(sentence):
            yield from _fact(pattern, found, number)


def _fact(pattern: FactPattern, found: re.Match[str], number: int) -> Iterator[Fact]:
    parts = [_TRAILING.sub("", group.strip(" .,!-'")).strip() for group in found.groups() if group]
    if len(parts) < pattern.template.count("{") or not all(parts) or not pattern.accepts(parts[0]):
        return
    text = pattern.template.format(*parts)
    if len(text) <= _MAX_FACT_CHARACTERS and not _is_sensitive(text):
        yield Fact(kind=pattern.kind, text=text, evidence=(number,), confidence=pattern.confidence)


def _joined(known: Fact, again: Fact) -> Fact:
    evidence = tuple(dict.fromkeys((*known.evidence, *again.evidence)))[:MAX_EVIDENCE]
    confidence = min(0.99, max(known.confidence, again.confidence) + _REPEATED * (len(evidence) - 1))
    return known.model_copy(update={"evidence": evidence, "confidence": round(confidence, 2)})


def _is_sensitive(text: str) -> bool:
    return _sensitive().search(text.lower()) is not None


@cache
def _sensitive() -> re.Pattern[str]:
    entries = "|".join(sorted(map(re.escape, phrase_list("sensitive"))))
    return re.compile(rf"\b(?:{entries})\b")

"""Profiles: what each participant said of themselves, in the first person, with the lines where they said it.

Facts are short first-person sentences in the language of the talk (`I have two dogs`), in the speaker's own words.
Nothing is inferred and nothing is taken from what others say; who they are is in the profile's own field, so
their names are no facts. Sensitive traits are found here and left out by `engines.discreet`.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from conversation_genome.annotation import MAX_EVIDENCE, MAX_FACTS, MAX_PROFILES, Fact, Profile
from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.facts.answers import answer_facts
from conversation_genome.engines.extractive.facts.english import Said, facts_of
from conversation_genome.engines.extractive.facts.other_languages import LANGUAGES, other_facts
from conversation_genome.engines.extractive.facts.parsing import SPEAKS_OF_SELF, parsed
from conversation_genome.engines.extractive.language import ENGLISH
from conversation_genome.engines.extractive.reading import Reading
from conversation_genome.injection import is_addressed_to_machine

_MAX_FACT_CHARACTERS: Final = 120
_REPEATED: Final = 0.03
"""Each further line that says the same makes it that much surer."""
_FEW_SPEAKERS: Final = 3
"""With more of them a line need not answer the one before it."""
_SHORT_CHARACTERS: Final = 200
"""Below that nothing is sure of a language."""
_QUOTED: Final = re.compile(
    r"[\"\u201c][^\"\u201c\u201d]{0,300}\b(?:I|I'm|my|we)\b[^\"\u201c\u201d]{0,300}[\"\u201d]|^\s*>.*$", re.MULTILINE
)
"""What somebody else said in the first person."""
_LIKING: Final = re.compile(r"^i (?:really )?(?:love|enjoy|adore) ")
_NOBODY: Final = frozenset(["", "unknown", "speaker", "unknown speaker"])
"""How sources name a single speaker who may be several."""
_Found = tuple[int, tuple[int, ...], Said]
"""Speaker, evidence, what was said."""


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
    found: defaultdict[int, dict[str, Fact]] = defaultdict(dict)
    for speaker, evidence, said in _found(conversation, reading):
        if len(said.text) > _MAX_FACT_CHARACTERS:
            continue
        own, key = found[speaker], _LIKING.sub("i like ", said.text.lower())
        fact = Fact(kind=said.kind, text=said.text, evidence=evidence, confidence=said.confidence)
        own[key] = _joined(own[key], fact) if key in own else fact
    return {speaker: _surest(own.values()) for speaker, own in found.items()}


def _found(conversation: Conversation, reading: Reading) -> Iterator[_Found]:
    if _is_of_untold_voices(conversation):
        return
    texts = ["" if is_addressed_to_machine(text) else _QUOTED.sub(" ", text) for text in reading.texts]
    others = list(_other(conversation, texts, reading.language))
    yield from others
    if reading.language == ENGLISH or (not others and _is_guess(conversation, reading)):
        yield from _english(conversation, texts)
        yield from _answers(conversation, texts)


def _is_of_untold_voices(conversation: Conversation) -> bool:
    """Return whether nobody told the speakers apart, as in automatic captions: what is said of oneself is anybody's."""
    names = {name.strip().casefold() for name in conversation.participants}
    return len(names) == 1 and names <= _NOBODY


def _is_guess(conversation: Conversation, reading: Reading) -> bool:
    """Return whether a talk is so short that its language is a guess: it may as well be English."""
    return conversation.language is None and sum(map(len, reading.texts)) < _SHORT_CHARACTERS


def _other(conversation: Conversation, texts: list[str], language: str) -> Iterator[_Found]:
    if language in LANGUAGES:
        for number, text in enumerate(texts):
            for said in other_facts(text, language):
                yield conversation.lines[number].speaker, (number,), said


def _english(conversation: Conversation, texts: list[str]) -> Iterator[_Found]:
    """Only lines that speak in the first person are parsed."""
    numbers = [number for number, text in enumerate(texts) if SPEAKS_OF_SELF.search(text)]
    for number, sentences in zip(numbers, parsed([texts[number] for number in numbers]), strict=True):
        for said in facts_of(sentences):
            yield conversation.lines[number].speaker, (number,), said


def _answers(conversation: Conversation, texts: list[str]) -> Iterator[_Found]:
    if len({line.speaker for line in conversation.lines}) > _FEW_SPEAKERS:
        return
    for number in range(1, len(texts)):
        speaker = conversation.lines[number].speaker
        if speaker != conversation.lines[number - 1].speaker:
            for said in answer_facts(texts[number - 1], texts[number]):
                yield speaker, (number - 1, number), said


def _surest(facts: Iterable[Fact]) -> tuple[Fact, ...]:
    """Return the facts in the order in which they were said; the least sure go where they are too many."""
    held = list(facts)
    if len(held) > MAX_FACTS:
        kept = sorted(range(len(held)), key=lambda index: (-held[index].confidence, index))[:MAX_FACTS]
        held = [held[index] for index in sorted(kept)]
    return tuple(sorted(held, key=lambda fact: fact.evidence))


def _joined(known: Fact, again: Fact) -> Fact:
    evidence = tuple(dict.fromkeys((*known.evidence, *again.evidence)))[:MAX_EVIDENCE]
    confidence = min(0.99, max(known.confidence, again.confidence) + _REPEATED * (len(evidence) - 1))
    return known.model_copy(update={"evidence": evidence, "confidence": round(confidence, 2)})

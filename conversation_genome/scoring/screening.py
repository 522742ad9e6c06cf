"""Screening: what a tag's text alone gives away. A tag that is screened out earns nothing and is not embedded."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final, Self

from conversation_genome.scoring.background import EMPTY_WORDS, SENTENCE_WORDS
from conversation_genome.scoring.wording import is_hidden, is_spaced, normalise, script, scripts, stems, words

MAX_CHARACTERS: Final = 120
"""Longer than any tag; what exceeds it is not even normalised."""
MAX_WORDS: Final = 9
MAX_SPOKEN_WORDS: Final = 2
"""One may be part of a name ("I Love Lucy"); this many make a piece of speech."""
QUOTED_WORDS: Final = 5
"""This many words of the window in a row are a quotation."""
QUOTED_CHARACTERS: Final = 16
"""The same for scripts that put no spaces between words."""

_JOINERS: Final = "\u200c\u200d"

_JUDGE: Final = re.compile(
    r"""\b(?:ignore|disregard|forget|override|bypass)\b.{0,40}\b(?:instruction|prompt|rule|above|previous|prior|system|guideline)
    |\b(?:score|rate|grade|rank|mark|reward|award|pay)\b.{0,30}(?:\b[01][.,]\d|\b\d+\s*/\s*\d+|\b100\b|%|\b(?:max|full|perfect|high(?:est)?|top|one)\b)
    |\b(?:score|rating|grade|reward|similarity)\s*[:=]?\s*(?:\d|is\b)
    |\b(?:max(?:imum)?|full|perfect|highest|top|best)\s+(?:score|marks?|grade|rating|reward|answer|points)\b
    |\b(?:system|developer|hidden)\s+(?:prompt|message|instruction)
    |\b(?:previous|prior|above|new|these|following)\s+instructions?\b
    |\b(?:correct|right|best|perfect)\s+(?:answer|response|tags?)\b
    |\b(?:you|u)\s+(?:are|must|should|will|have\s+to)\b|\bas\s+an?\s+(?:ai|llm|assistant|judge|grader)\b
    |\b(?:dear|hey|note\s+to|attention)\s+(?:validator|judge|grader|evaluator|model|ai|assistant)\b
    |<\s*/?\s*(?:system|user|assistant|inst)|\[\s*/?\s*inst|\#\#\#|```|\{\{|\}\}|<\|
    |\b(?:ground\s*truth|reference\s+tags?|jailbreak\s+mode|developer\s+mode)\b""",
    re.IGNORECASE | re.VERBOSE,
)


class Fault(StrEnum):
    """Why a tag earns nothing, in plain words."""

    EMPTY = "empty"
    TOO_LONG = "too long to be a tag"
    HIDDEN = "holds invisible characters"
    MIXED_SCRIPTS = "mixes scripts within a word"
    OTHER_SCRIPT = "is in a script that nobody in the window writes"
    JUDGE = "addresses whoever grades it"
    QUOTED = "is copied from the window"
    SENTENCE = "is a piece of speech, not a name for a theme"
    NAMELESS = "names nothing"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of a window screening needs: computed once, used for every tag."""

    references: frozenset[str]
    """Normalised reference tags: these are never faulted."""
    speech: str
    """Normalised words of the window, between single spaces."""
    lines: frozenset[str]
    """Normalised lines of three words and more."""
    scripts: frozenset[str]
    stems: frozenset[str]
    """Stems of all that is said."""

    def speaks_of(self, parts: Iterable[str]) -> bool:
        """Tell whether the window itself says every word: a talk about scores is no order to a judge."""
        return all(f" {part} " in self.speech for part in parts)

    @classmethod
    def of(cls, references: Iterable[str], utterances: Iterable[str]) -> Self:
        """Gather the surroundings of a window."""
        lines = [_spoken(text) for text in utterances]
        return cls(
            references=frozenset(),
            speech=" " + " \n ".join(line.text for line in lines) + " ",
            lines=frozenset(line.text for line in lines if line.text.count(" ") >= 2),
            scripts=frozenset({"LATIN"}).union(*(line.scripts for line in lines)),
            stems=frozenset().union(*(line.stems for line in lines)),
        ).knowing(references)

    def knowing(self, references: Iterable[str]) -> Self:
        """Return the same surroundings with these normalised reference tags."""
        wanted = frozenset(references)
        return replace(self, references=wanted, scripts=self.scripts.union(*map(scripts, wanted)))


@dataclass(frozen=True, slots=True)
class _Spoken:
    """One line as screening reads it; lines are the same in every edition of a window."""

    text: str
    """Its words, between single spaces."""
    stems: frozenset[str]
    scripts: frozenset[str]


@lru_cache(maxsize=8192)
def _spoken(utterance: str) -> _Spoken:
    normalised = normalise(utterance)
    spoken = " ".join(words(normalised))
    return _Spoken(spoken, frozenset(stems(spoken)), scripts(normalised))


@lru_cache(maxsize=8192)
def fault_of(raw: str, surroundings: Surroundings) -> Fault | None:
    """Return why a tag earns nothing, or None when its text is in order."""
    if len(raw) > MAX_CHARACTERS * 3:
        return Fault.TOO_LONG
    if _hides(raw):
        return Fault.HIDDEN
    text = normalise(raw)
    if not text:
        return Fault.EMPTY
    return None if text in surroundings.references else _fault_of_normalised(text, surroundings)


def is_sound_reference(raw: str, surroundings: Surroundings) -> bool:
    """Tell whether a reference tag can be trusted: the rules for miners, but quoting and phrasing gain a reference nothing."""
    return fault_of(raw, surroundings) in {None, Fault.QUOTED, Fault.SENTENCE, Fault.TOO_LONG, Fault.OTHER_SCRIPT} and (
        len(raw) <= MAX_CHARACTERS * 3
    )


def _fault_of_normalised(text: str, surroundings: Surroundings) -> Fault | None:
    parts = words(text)
    own = _own_faults(text)
    found = {
        Fault.TOO_LONG: Fault.TOO_LONG in own,
        Fault.MIXED_SCRIPTS: Fault.MIXED_SCRIPTS in own,
        Fault.OTHER_SCRIPT: not scripts(text) <= surroundings.scripts,
        Fault.JUDGE: Fault.JUDGE in own and not surroundings.speaks_of(parts),
        Fault.QUOTED: _is_quoted(text, parts, surroundings),
        Fault.SENTENCE: Fault.SENTENCE in own,
        Fault.NAMELESS: Fault.NAMELESS in own,
    }
    return next((fault for fault, is_found in found.items() if is_found), None)


@lru_cache(maxsize=8192)
def _own_faults(text: str) -> frozenset[Fault]:
    """Return what a normalised text gives away wherever it is said."""
    parts = words(text)
    found = {
        Fault.TOO_LONG: len(text) > MAX_CHARACTERS or len(parts) > MAX_WORDS,
        Fault.MIXED_SCRIPTS: any(len(scripts(part)) > 1 and not _mixes_honestly(part) for part in parts),
        Fault.JUDGE: _JUDGE.search(text) is not None,
        Fault.SENTENCE: spoken_words(parts) >= MAX_SPOKEN_WORDS,
        Fault.NAMELESS: all(part in EMPTY_WORDS for part in parts) or not any(char.isalnum() for char in text),
    }
    return frozenset(fault for fault, is_found in found.items() if is_found)


def spoken_words(parts: Iterable[str]) -> int:
    """Return how many words belong to sentences rather than names."""
    return sum(part in SENTENCE_WORDS for part in parts)


def _hides(raw: str) -> bool:
    """Joiners between letters that need them (Persian, Hindi) and within emoji are no disguise."""
    if raw.isascii() and raw.isprintable():
        return False
    return any(
        is_hidden(char) and not (char in _JOINERS and 0 < at < len(raw) - 1 and not raw[at - 1].isascii())
        for at, char in enumerate(raw)
    )


def _mixes_honestly(word: str) -> bool:
    """Japanese, Chinese and Korean write Latin letters and their own side by side; lookalikes do not come from there."""
    return any((script(char) or "").startswith(("CJK", "HANGUL", "THAI")) for char in word)


def _is_quoted(text: str, parts: list[str], surroundings: Surroundings) -> bool:
    spoken = " ".join(parts)
    if not is_spaced(text):
        return len(text) >= QUOTED_CHARACTERS and text in surroundings.speech
    return spoken in surroundings.lines or (len(parts) >= QUOTED_WORDS and f" {spoken} " in surroundings.speech)

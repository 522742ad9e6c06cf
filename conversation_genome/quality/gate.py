"""Gate: which talks are not worth a paid model, told from their text alone.

Nothing is embedded and nothing is asked: the gate stands before whatever costs something. A talk that is let through
may still be boring; one that is refused cannot be read as a conversation at all.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from statistics import median
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.injection import said_to_people
from conversation_genome.language import detected_language
from conversation_genome.quality.reading import words_of
from conversation_genome.quality.transitions import strength

LEAST_LINES: Final = 2
LEAST_WORDS: Final = 8
"""Fewer words in all are empty."""
MOST_OF_ONE: Final = 0.97
"""Share of the words above which the other speakers do not count."""
MONOLOGUE_LINES: Final = 30
"""From here on one speaker is a recording whose speakers nobody told apart, such as automatic captions."""
READ_LINES: Final = 200
"""Lines that are looked at, evenly from all over the talk."""
LEAST_LETTERS: Final = 0.5
"""Share of letters among all characters that are not blank, below which a line is noise."""
GARBLED_SHARE: Final = 0.5
"""Share of noisy lines from which a talk is garbled."""
LEAST_CHARACTERS: Final = 300
"""Fewer do not tell whether they are of a language."""
GARBLED_BITS: Final = -0.25
"""Median strength of word transitions below which a talk is word salad: see `transitions`."""

_CONSONANTS: Final = "[b-df-hj-np-tv-xzB-DF-HJ-NP-TV-XZ]"
_MEANINGLESS: Final = re.compile(rf"(?<!\w){_CONSONANTS}{{4,}}(?!\w)|{_CONSONANTS}{{6,}}")
"""Latin letters that nobody can pronounce."""
_LATIN: Final = re.compile(r"[A-Za-z]{3,}")
_ACCENT: Final = re.compile("[\u0300-\u036f]")


def refusal_of(conversation: Conversation) -> str | None:
    """Return why a conversation is not worth reading, None if nothing speaks against it: equal input, equal answer."""
    step = max(1, len(conversation.lines) // READ_LINES)
    lines = [(line.speaker, text) for line in conversation.lines[::step] if (text := said_to_people(line.text).strip())]
    return _emptiness(lines) or _one_sidedness(lines) or _garble([text for _, text in lines])


def _emptiness(lines: Sequence[tuple[int, str]]) -> str | None:
    words = sum(len(words_of(text)) for _, text in lines)
    if len(lines) < LEAST_LINES or words < LEAST_WORDS:
        return f"empty: {len(lines)} lines with {words} words, at least {LEAST_LINES} with {LEAST_WORDS} are needed"
    return None


def _one_sidedness(lines: Sequence[tuple[int, str]]) -> str | None:
    words: Counter[int] = Counter()
    for speaker, text in lines:
        words[speaker] += len(words_of(text))
    share = max(words.values()) / max(1, words.total())
    is_recording = len(words) == 1 and len(lines) >= MONOLOGUE_LINES
    if share > MOST_OF_ONE and not is_recording:
        return f"one-sided: one speaker says {share:.0%} of the words"
    return None


def _garble(texts: Sequence[str]) -> str | None:
    noisy = sum(map(_is_noise, texts))
    if noisy >= GARBLED_SHARE * len(texts):
        return f"garbled: {noisy} of {len(texts)} lines are no words"
    if sum(map(len, texts)) >= LEAST_CHARACTERS and detected_language(texts) is None:
        return "garbled: the words are of no language"
    known = [bits for text in texts if len(words_of(text)) > 3 and (bits := strength(text)) is not None]
    if len(known) >= LEAST_LINES and median(known) < GARBLED_BITS:
        return (
            f"garbled: the words stand in no order (median strength {median(known):.2f} bits, {GARBLED_BITS} is least)"
        )
    return None


def _is_noise(text: str) -> bool:
    """Return whether a line is symbols, lost characters or letters that make no words."""
    visible = [letter for letter in text if not letter.isspace()]
    letters = sum(letter.isalpha() for letter in visible)
    if "\N{REPLACEMENT CHARACTER}" in text or (len(visible) > 4 and letters < LEAST_LETTERS * len(visible)):
        return True
    plain = text if text.isascii() else _ACCENT.sub("", unicodedata.normalize("NFD", text))
    words = _LATIN.findall(plain)
    return len(words) > 1 and len(_MEANINGLESS.findall(plain)) > 0.4 * len(words)

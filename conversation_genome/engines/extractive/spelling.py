"""Spelling: a word that was typed wrong once is read as the word it was meant for, so that no `moivies` becomes a tag.

Only what looks like a slip of the fingers is mended, and only into a word that is known: no word is guessed.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from conversation_genome.engines.extractive.english_forms import singular

_WORD: Final = re.compile(r"(?<![\w'-])[a-z]{4,24}(?![\w'-])")
"""In lower case: names are spelled in many ways."""
_LEAST_LETTERS: Final = 6
"""Of a slip: shorter words have too many neighbours."""
_LETTERS: Final = "abcdefghijklmnopqrstuvwxyz"
_ENDINGS: Final = ("ing", "ed", "er", "ers", "es", "n", "ns")


def slips(texts: Sequence[str], is_known: Callable[[str], bool]) -> dict[str, str]:
    """Return the words that were typed wrong, and what each was meant for.

    A slip stands once in all of the texts and is no form of a known word, nor the
    beginning of another (people break off). It is two letters in the wrong order or a
    letter doubled or not doubled away from a known word, or one inner letter more or less away from a known one that
    the texts hold in some form.

    Args:
        texts: All that was said.
        is_known: Whether a word in lower case is one of the language.
    """
    counts = Counter(word for text in texts for word in _WORD.findall(text))
    said = {form for word in counts if is_known(word) for form in (word, singular(word), f"{singular(word)}s")}
    once = [word for word, count in counts.items() if count == 1 and len(word) >= _LEAST_LETTERS]
    unknown = [word for word in once if not (_is_word(word, is_known) or _is_broken_off(word, said))]
    meant = {word: _meant(word, said, is_known) for word in unknown}
    return {word: found for word, found in meant.items() if found}


def mended(text: str, meant: Mapping[str, str]) -> str:
    """Return a text without its slips."""
    return _WORD.sub(lambda found: meant.get(found.group(), found.group()), text) if meant else text


def _is_word(word: str, is_known: Callable[[str], bool]) -> bool:
    return any(map(is_known, _forms(word)))


def _is_broken_off(word: str, words: Iterable[str]) -> bool:
    return any(other != word and other.startswith(word) for other in words)


def _forms(word: str) -> Iterator[str]:
    """Yield what a word may be a form of, or another spelling: `blanking` of `blank`, `prioritise` of `prioritize`."""
    yield from (word, singular(word), f"{word}s", re.sub("is(e[ds]?|ing)$", r"iz\1", word), word.replace("tre", "ter"))
    for ending in _ENDINGS:
        if word.endswith(ending):
            stem = word.removesuffix(ending)
            yield from (stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem)


def _meant(word: str, said: set[str], is_known: Callable[[str], bool]) -> str:
    near = {other for other in _typed(word) if other in said or is_known(other)}
    near |= {other for other in _one_letter_off(word) if other in said}
    return min(near, key=lambda other: (other not in said, other), default="")


def _typed(word: str) -> Iterator[str]:
    """Yield a word with two letters exchanged, or one doubled or no longer doubled; `l` is doubled as one likes."""
    for place in range(1, len(word)):
        last, letter = word[place - 1], word[place]
        if last != letter:
            yield word[: place - 1] + letter + last + word[place + 1 :]
        elif letter != "l":
            yield word[:place] + word[place + 1 :]
        if letter != "l" and place < len(word) - 1:
            yield word[:place] + letter + word[place:]


def _one_letter_off(word: str) -> Iterator[str]:
    """Yield a word with one inner letter more or less: its ends are its forms, and `u` behind `o` a matter of taste."""
    for place in range(1, len(word)):
        if place < len(word) - 1 and word[place - 1 : place + 1] != "ou":
            yield word[:place] + word[place + 1 :]
        yield from (
            word[:place] + letter + word[place:] for letter in _LETTERS if (word[place - 1], letter) != ("o", "u")
        )

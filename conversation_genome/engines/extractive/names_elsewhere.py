"""What a name in talk that is not English names, where its form, its neighbours or a list make it sure; else nothing is said.

Places stand in lists of the languages themselves, people are told by common given names, organisations by what clubs,
companies and institutions call themselves. Japanese and Chinese names are told by their dictionaries.
"""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Final

from conversation_genome.annotation import Aspect
from conversation_genome.engines.extractive.east_asian import chinese_name, japanese_name
from conversation_genome.engines.extractive.mention import Kind
from conversation_genome.engines.extractive.reading import Candidate, Reading
from conversation_genome.engines.extractive.words import phrase_list, word_list
from conversation_genome.privacy.names import is_given_name

_SHORT: Final = 4
"""Marks of so many letters and more may be written small."""
_WHERE_ONE_WORKS: Final = re.compile(
    r"(?:\b(?:beim?|bij|chez|presso|para o|na|no|в|во)\s+(?:de[rnm]\s+|het\s+|la\s+|il\s+|l[ao]\s+)?)$", re.IGNORECASE
)
_ACRONYM: Final = re.compile(r"[^\W\d_a-zß-öø-ÿа-яё]{3,6}")
_NO_ORGANISATION: Final = frozenset(
    "PC TV DVD USB PDF GPS LKW PKW DIY VHS UKW WLAN WIFI SMS GIF URL CPU GPU RAM SSD APP FAQ DNA CO2 LED LCD OLED VPN HDMI API ADHS ADHD HIV".split()  # noqa: SIM905
)
_INFLECTED: Final = frozenset({"pl", "ru"})
_LEAST_STEM: Final = 4
_BY_DICTIONARY: Final = {"ja": japanese_name, "zh": chinese_name}


def aspects_elsewhere(reading: Reading, known: Mapping[int, Aspect]) -> dict[int, Aspect]:
    """Return the aspects of candidates of talk that is not English: what is known, and what is told here.

    Args:
        reading: The talk.
        known: The aspect of each candidate that became a tag, by its number.
    """
    told = {
        number: _told(reading, number)
        for number, aspect in known.items()
        if aspect in {Aspect.TOPIC, Aspect.ENTITY} and reading.candidates[number].kind in {Kind.NAME, Kind.NOUN}
    }
    return {number: told.get(number) or aspect for number, aspect in known.items()}


def _told(reading: Reading, number: int) -> Aspect | None:
    candidate = reading.candidates[number]
    by_dictionary = _BY_DICTIONARY.get(reading.language)
    if by_dictionary is not None and not candidate.text.isascii():
        return by_dictionary(candidate.text)
    if _is_place(candidate.text.lower(), reading.language):
        return Aspect.PLACE
    if not candidate.text[:1].isupper():
        return None
    if _is_marked(candidate.text) or _is_where_one_works(candidate, _lines(reading, number)):
        return Aspect.ORGANISATION
    return Aspect.ENTITY if _is_person(candidate.text) else None


def _is_person(text: str) -> bool:
    """Return whether a name is a given name with or without a surname, or who somebody is with one: `Kollegin Anna`."""
    words = text.split()
    is_given = [is_given_name(word) or word in word_list("given_names_other") for word in (words[0], words[-1])]
    return any(is_given) and all(word[:1].isupper() for word in words)


def _lines(reading: Reading, number: int) -> Iterable[str]:
    return (text for text, held in zip(reading.texts, reading.line_candidates, strict=True) if number in held)


def _is_place(name: str, language: str) -> bool:
    listed = phrase_list("places_other")
    if name in listed or name in phrase_list("places"):
        return True
    if language not in _INFLECTED or len(name) <= _LEAST_STEM:
        return False
    return bool({name[:-1], name[:-2]} & _stems()) or name[:-1] in listed


@cache
def _stems() -> frozenset[str]:
    """Return the places without their last letter, which changes where a language inflects names."""
    return frozenset(name[:-1] for name in phrase_list("places_other") if len(name) > _LEAST_STEM)


def _is_marked(text: str) -> bool:
    """Return whether a name says that it is a club, a company or an institution: `SC Freiburg`, `Muster GmbH`."""
    words, marks = text.split(), word_list("organisation_marks")
    if len(words) < 2:
        return False
    return any(word.lower() in marks and (len(word) >= _SHORT or word.isupper()) for word in (words[0], words[-1]))


def _is_where_one_works(candidate: Candidate, lines: Iterable[str]) -> bool:
    """Return whether an acronym stands behind a word for being with somebody: `beim ADAC`."""
    if not _ACRONYM.fullmatch(candidate.text) or candidate.text in _NO_ORGANISATION:
        return False
    return any(
        _WHERE_ONE_WORKS.search(line[: found.start()])
        for line in lines
        for found in re.finditer(rf"\b{re.escape(candidate.text)}\b", line)
    )

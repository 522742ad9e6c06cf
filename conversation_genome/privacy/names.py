# ruff: noqa: RUF001 - apostrophes as people write them
"""Names of private people: what spaCy takes for a person, what is introduced as one, and their parts again.

Names of people who are widely known (a list ships with the project) stay: they are what talks are about.
Everybody else is private, and a name alone (`Anna`) is always somebody private.
"""

import re
import threading
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import resources
from typing import Any, Final

from conversation_genome.privacy.finding import Finding, Kind
from conversation_genome.spacy_library import ENGLISH_MODEL, bounded_vocabulary, spacy, stop_words_of

_UNUSED: Final = ["parser", "tagger", "lemmatizer", "senter", "attribute_ruler", "tok2vec"]
_BATCH: Final = 64
_MAX_CHARACTERS: Final = 3_000
_LOCK: Final = threading.Lock()
_N: Final = r"[A-ZÀ-ÖØ-ÞĀ-ŽΑ-ΩА-Я][\w'’\-]*[\w]"
_FULL: Final = rf"{_N}(?:\s+(?:(?:[A-Z]\.?|van|von|der|den|de|di|da|la|le|bin|al|el|ter)\s+){{0,2}}{_N}){{0,3}}"
_KIN: Final = r"(?:wife|husband|girlfriend|boyfriend|partner|fianc[ée]e?|son|daughter|brother|sister|mom|mother|mum|dad|father|aunt|uncle|cousin|niece|nephew|friend|roommate|boss|neighbou?r|colleague|teacher|doctor|kid|baby|grandma|grandpa|grandmother|grandfather|coworker|buddy)"
_INTRODUCED: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Madam|Herr|Frau|Monsieur|Madame|Señora?|Sra?|Signora?|Professor|Doctor|Aunt|Uncle|Auntie|Grandma|Grandpa|Sgt|Capt|Lt|Rev)\.?\s+(?P<value>{_FULL})",
        rf"\b(?:[Mm]y|[Hh]is|[Hh]er|[Tt]heir|[Yy]our|[Tt]he|[Oo]ur|[Uu]ser|[Ff]ull|[Ff]irst|[Ll]ast|[Ss]ur|[Mm]aiden)\s*[Nn]ames?(?:\s+on the \w+)?(?:'s| is| was|:)\s*(?P<value>{_FULL})",
        rf"\b[Nn]ame:\s*(?P<value>{_FULL})",
        rf"\b(?:I am|I'm|Im|[Tt]his is|[Cc]all me|[Nn]amed|[Cc]alled|[Mm]e llamo|[Jj]e m'appelle|[Ii]ch heiße|[Mm]i chiamo|[Hh]i|[Hh]ello|[Hh]ey|[Dd]ear|[Tt]hanks|[Tt]hank you|[Cc]heers|[Rr]egards|[Ss]igned|[Ss]incerely|[Bb]est),?\s+(?P<value>{_N}(?:\s+{_N}){{0,2}})(?=\s*(?:[,.!?;:)\n]|$|\bfrom\b|\band\b|\bhere\b|\bfor\b))",
        rf"\b(?:[Mm]y|[Hh]is|[Hh]er|[Oo]ur)\s+(?:\w+\s+)?{_KIN},?\s+(?P<value>{_N}(?:\s+{_N})?)",
    )
)  # fmt: skip
_NAME_WORD: Final = re.compile(
    rf"\b(?!(?:I'm|I'll|I've|I'd|It's|That's|What|The|This|That|There|They|These|Those|Then|You|Your|Yes|Yeah|Yea|No|Not|Now|How|Hi|Hey|Hello|He|She|His|Her|It|Is|In|If|And|Any|Are|As|At|All|Also|Am|An|Be|But|By|Can|Could|Cool|Did|Do|Does|Don't|For|From|Good|Great|Had|Has|Have|Haha|Just|Let|Let's|Like|Lol|Many|Maybe|Me|My|Nice|Nope|Of|Oh|OK|Ok|Okay|On|One|Only|Or|Our|Please|Really|Right|Same|Should|Since|So|Some|Sorry|Sounds|Sure|Thank|Thanks|To|Too|True|Very|Was|We|Well|We're|Were|When|Where|Which|While|Who|Why|Will|With|Would|Wow)\b){_N}"
)
"""A word that may be a name: a line without one is not read by the model."""
_INITIAL: Final = r"(?:\s+[A-Z]\.?)?"
_HUMAN: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:^|(?<=[.!?,:\"] ))(?P<value>{_N}{_INITIAL}(?:\s+{_N}){{0,2}})(?:\s+(?:said|says|told|tells|asked|asks|lives|lived|shouted|replied|spent|thinks|thought|wants|wanted|loves|likes|hates|works|worked|married|moved|went|came|called|texted|wrote|died|was born|grew up|had given|is from|is very|is so|is my|is a (?:good|great|nice|friend)|will be (?:talking|speaking|there|late)|has been|is talking|is coming)\b|'s (?:kid|son|daughter|mom|dad|mother|father|wife|husband|house|birthday|address|phone|email|account|car|party|friend|boss)\b)",
        rf"\b(?:said|says|told|asked|asks|shouted at|between him and|between her and|talk(?:ed|ing)? to|spoke to|speak to|speak with|talk(?:ed|ing)? with|meet|met|married|marry|dating|see|saw|visit|visited|call|email|text|add|remove|invite|invited|ask|tell|with|to|by|for|from|at|love|miss|and)\s+(?P<value>{_N}(?:\s+{_N}){{0,2}})(?='s (?:kid|son|daughter|mom|dad|mother|father|wife|husband|house|birthday|place|address|phone|email|account|car|party)\b|\s+as a beneficiary)",
        rf"\b(?:[Dd]irected [Bb]y|[Ww]ritten [Bb]y|[Ff]ounded [Bb]y|[Ff]ounders?):?\s+(?P<value>{_N}{_INITIAL}(?:\s+{_N}){{0,2}})",
        rf"\b(?:keynote speaker|change it to|name (?:it|him|her|to))\s+(?:is\s+)?(?P<value>{_N}(?:\s+{_N}){{0,2}})",
        rf"\b(?:name|surname|user)\?\W+(?:[Uu]ser:\s*)?(?:[Ii]t'?s\s+|[Mm]y name is\s+)?(?P<value>{_N}{_INITIAL}(?:\s+{_N}){{0,2}})\W*$",
        rf"(?:^|(?<=[.!?] ))(?P<value>{_N}{_INITIAL}\s+{_N})(?=\s+(?:from|of) {_N}[^.]{{0,60}} is the)",
    )
)  # fmt: skip
"""What only people do, have or are."""
_LOWER_INTRODUCED: Final = re.compile(
    r"\b(?:my|his|her|maiden|first|last|sur|full)\s?(?:maiden |first |last |full )?names?(?:'s| is|:)\s+(?P<value>[a-zà-ž][\w'\-]+(?:\s+[a-zà-ž]\.?(?=\s))?(?:\s+[a-zà-ž][\w'\-]+)?)(?=\s*(?:[,.!?;)]|$))"
)
_LIST: Final = re.compile(rf"{_N}(?:, {_N})+,? and {_N}|{_N} and {_N}")
_WORD: Final = re.compile(rf"\b{_N}")
_SURNAMES: Final = re.compile(
    rf"(?:\s+(?:[A-Z]\.|van|von|der|den|de|di|da|la|le|bin|al|el))*(?:\s+(?!(?:Street|St|Road|Rd|Avenue|Lane|Drive|University|Airport|Hotel|Park)\b){_N}){{1,2}}"
)
_LEADING: Final = re.compile(
    r"^(?:[^\w]|(?:Dr|Mr|Mrs|Ms|Miss|Prof|Sir|Hi|Hello|Hey|Dear|User|Bot|Dude|Thanks|Mobile|Desk|Fax)\b\.?\s*)+"
)
_TRAILING: Final = re.compile(r"(?:'s|’s|[^\w.])+$")
_NO_NAME: Final = re.compile(r"\d|[@/\\_<>\[\]{}=#]|\b(?:Street|Road|Avenue|University|Inc|LLC|Ltd|Corp|Company|Group|School|Church|Bank|Hospital)\b|^(?:I|OK|Okay|Lol|LOL|Haha|Yeah|Yes|No|Hi|Hello|Thanks|Cool|Wow|Oh|Awesome|Great|Nice|Me|Hmm|Sure|Sorry|Well|Good|God|Happy|Merry|Glad|Not|Just|So|Very|From|In|On|At|The|A|An|My|Your|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|January|February|March|April|June|July|August|September|October|November|December|English|German|French|Spanish|Italian|Chinese|Japanese|American|British|Indian|Canadian|Australian|Christmas|Easter|Internet|Google|Facebook|Twitter|YouTube|Ubuntu|Linux|Windows|Python|Netflix|Amazon)$")  # fmt: skip


def names_in(texts: Sequence[str]) -> list[list[Finding]]:
    """Return the names of private people in each text."""
    capitalised = [number for number, text in enumerate(texts) if _NAME_WORD.search(text[:_MAX_CHARACTERS])]
    held = [list(_introduced(text)) for text in texts]
    for number, text in enumerate(texts):
        held[number] += _persons(text, _given(text))
    for number, spans in zip(capitalised, _recognised([texts[number] for number in capitalised]), strict=True):
        held[number] += _persons(texts[number], spans)
    return [_with_listed(text, found) for text, found in zip(texts, held, strict=True)]


def _with_listed(text: str, found: list[Finding]) -> list[Finding]:
    """Return the findings and whoever stands in one list with them: `Anna, Ben and Ximo`."""
    more: list[tuple[int, int]] = []
    for run in _LIST.finditer(text):
        if any(run.start() <= one.start and one.end <= run.end() for one in found):
            more += [(run.start() + word.start(), run.start() + word.end()) for word in _WORD.finditer(run[0])]
    return [*found, *_persons(text, more)] if more else found


def is_given_name(word: str) -> bool:
    """Return whether a word is on the shipped list of common given names."""
    return word in _given_names()


def is_widely_known(name: str) -> bool:
    """Return whether a full name is that of somebody on the shipped list."""
    return " ".join(name.casefold().replace("’", "'").split()) in _known()


def _given(text: str) -> Iterator[tuple[int, int]]:
    """Yield where a common given name stands, with the surname after it."""
    for found in _WORD.finditer(text):
        if found[0].removesuffix("'s") in _given_names():
            surname = _SURNAMES.match(text, found.end())
            yield found.start(), surname.end() if surname else found.end()


def _introduced(text: str) -> Iterator[Finding]:
    for pattern in (*_INTRODUCED, *_HUMAN, _LOWER_INTRODUCED):
        yield from _persons(text, ((found.start("value"), found.end("value")) for found in pattern.finditer(text)))


def _persons(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[Finding]:
    for first, last in spans:
        span = text[first:last]
        leading, trailing = _LEADING.match(span), _TRAILING.search(span)
        start = first + (leading.end() if leading else 0)
        end = last - (len(trailing[0]) if trailing else 0)
        if _is_private(text[start:end]):
            yield Finding(start, end, Kind.PERSON)


def _is_private(name: str) -> bool:
    """Return whether words that stand where a name does are one, and not that of somebody widely known."""
    is_word = (
        len(name) < 2 or name.split(maxsplit=1)[0].casefold() in _stop_words() or _NO_NAME.search(name) is not None
    )
    return not is_word and not is_widely_known(name)


def _recognised(texts: Sequence[str]) -> Iterator[list[tuple[int, int]]]:
    for start in range(0, len(texts), _BATCH):
        with _LOCK, bounded_vocabulary(_model()):
            docs = _model().pipe([text[:_MAX_CHARACTERS] for text in texts[start : start + _BATCH]], batch_size=_BATCH)
            batch = [[(one.start_char, one.end_char) for one in doc.ents if one.label_ == "PERSON"] for doc in docs]
        yield from batch


@cache
def _model() -> Any:
    return spacy.load(ENGLISH_MODEL, exclude=_UNUSED)


@cache
def _stop_words() -> frozenset[str]:
    return (stop_words_of("en") - {"will"}) | {
        "everybody",
        "everyday",
        "nobody",
        "somebody",
        "its",
        "hi",
        "oh",
        "yeah",
        "let's",
        "i'm",
        "who's",
        "that's",
    }


@cache
def _given_names() -> frozenset[str]:
    text = resources.files(__package__).joinpath("given_names.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def _known() -> frozenset[str]:
    text = resources.files(__package__).joinpath("widely_known.txt").read_text(encoding="utf-8")
    entries = ",".join(line for line in text.splitlines() if not line.startswith("#")).split(",")
    return frozenset(entry.strip().casefold() for entry in entries if entry.strip())

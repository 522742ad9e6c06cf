# ruff: noqa: RUF001 - apostrophes as people write them
"""Where somebody lives: streets with their numbers, flats, post boxes and postal codes, as several countries write them."""

import re
from collections.abc import Iterator
from typing import Final

from conversation_genome.privacy.finding import Finding, Kind

_NAME: Final = r"[A-ZÀ-ÖØ-ÞĀ-ŽΑ-Ω][\w'’.\-]*"
_SUFFIX: Final = (
    r"(?:Street|St|Avenue|Ave|Av|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Squares|Sq|Terrace|Ter|Way|Parkway|Pkwy|Highway|Hwy|Circle|Cir|Trail|Trl|Close|Crescent|Cres|"
    r"Gardens|Grove|Row|Walk|Mews|Plaza|Loop|Pike|Alley|Hill|Heights|Park|Esplanade|Quay|Rise|View|Green|Crossing|Run|Ridge|Point|Turnpike)"
)
_FLAT: Final = r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Rm|Floor|Fl|Building|Bldg|Lot|Box)\.?\s?#?\s?\d{1,5}[A-Za-z]?|#\s?\d{1,5}[A-Za-z]?)"
_COMPOUND: Final = r"[A-ZÄÖÜÅÆØ][\w\-]*(?:straße|strasse|str\.|weg|allee|gasse|platz|damm|ring|ufer|gatan|vägen|gata|gränd|vej|gade|vegen|veien|straat|laan|plein|gracht|kade|dijk|katu|tie|kuja|polku|utca|stræde|veg|bakken|stígur|braut)"
_BEFORE: Final = r"(?:Rue|Avenue|Boulevard|Chemin|Allée|Place|Impasse|Quai|Via|Viale|Piazza|Corso|Vicolo|Strada|Calle|C/|Avenida|Avda\.?|Paseo|Plaza|Carrer|Camino|Rua|Travessa|Praça|Largo|ul\.|ulica|Ulica|Ul\.|al\.|Str\.|Strada|Calea|Bulevardul|улица|ул\.)"
_NUMBER: Final = r"\d{1,5}(?:[-/]\d{1,4})?\s?[A-Za-z]?"
_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<![\w.])\d{{1,6}}[A-Za-z]?,?\s+(?:(?:N|S|E|W|North|South|East|West|NE|NW|SE|SW)\.?\s+)?(?:{_NAME}\s+|\d{{1,3}}(?:st|nd|rd|th)?\s+){{0,4}}{_SUFFIX}\b\.?(?:\s+(?:N|S|E|W|NE|NW|SE|SW|{_NAME})\b)?(?:[,\s]+{_FLAT})?",
        rf"\b(?:{_NAME}\s+){{0,2}}{_COMPOUND}\s+{_NUMBER}\b",
        rf"\b{_NUMBER},?\s+{_COMPOUND}\b",
        rf"\b{_BEFORE}\s+(?:(?:de|du|des|della|del|di|da|la|le|las|los|do|dos|d')\s*)*(?:{_NAME}\s+){{0,3}}{_NAME},?\s+(?:n[ºo°.]?\s*)?{_NUMBER}\b",
        rf"\b{_NUMBER},?\s+(?:rue|avenue|boulevard|chemin|allée|place|impasse|quai|bd|av\.)\s+(?:(?:de|du|des|la|le|les|d'|l')\s*)*{_NAME}(?:\s+{_NAME}){{0,2}}",
        rf"(?i:\b{_FLAT}(?=\W|$))",
        r"(?i:\b(?:unit|psc|cmr)\s+\d{1,6},?\s+box\s+\d{1,6}(?:\s+[adf]po\s+[a-z]{2}\s+\d{5})?)|\b[ADF]PO\s+[A-Z]{2}\s+\d{5}|\bUSN[SV]\s+\w+",
        rf"\b{_NAME}(?:\s+{_NAME}){{0,2}}\s+(?:u|út|tee|tie|tn|mnt)\.?\s+\d{{1,4}}\b",
        r"\b[Pp]\.?\s?[Oo]\.?\s?[Bb]ox\s+\d{1,6}\b",
        r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[A-Z]{2}\b",
        r"\b[A-Z]{2}\s+\d{5}(?:-\d{4})?\b",
        r"\b[ABCEGHJ-NPRSTVXY]\d[A-Z]\s?\d[A-Z]\d\b",
        r"(?:\b[Zz]ip(?: ?code)?|\bZIP|\b[Pp]ost(?:al)? ?code|\bPLZ)\W{0,3}(?:is |of )?(?P<value>\d{4,5}(?:-\d{3,4})?|\d{3} \d{2})\b",
        r"\b\d{5}-\d{4}\b|〒\s?\d{3}-\d{4}",
        rf"\b\d{{4,5}}\s+{_NAME}(?=\s*(?:,|$|\n))",
    )
)  # fmt: skip
_TOKEN: Final = re.compile(
    rf"(?:{_NAME}|[A-ZÀ-Ž]{{2,}}|\d{{1,6}}[A-Za-z]?(?:-\d{{1,4}})?|(?:de|du|des|da|do|la|le|del|van|von|der|den|el|al|u|y|of|nan)(?=\s))[.,]?"
)
_GAP: Final = re.compile(r"[ \t\n]{1,3}(?:[,\-][ \t]{1,2})?|,[ \t]{0,2}")
_AFTER: Final = 9
_BEFORE_IT: Final = 5
"""Words after and before a part of an address that may belong to it: the town, the country, the house."""
_CUED: Final = re.compile(
    r"\b(?:address(?:es)?\W{0,3}(?:here they are|is|was|to|with|:)?\W{0,6}(?:changed to |now )?|(?:located|live|lives|living|lived|reside|resides|stay|staying|meet(?: you| me)?|it's|party|house is) (?:at|in|on)|"
    r"(?:ship|deliver|send|sent|mail|mailed|taxi|cab|ride|uber|return|move|moved|driver|come|came|drive) (?:it |them |me )?to|corner of)\s{1,6}(?=\S)",
    re.IGNORECASE,
)
_SENTENCE_STARTS: Final = frozenset(
    [
        "Please",
        "I",
        "The",
        "We",
        "You",
        "It",
        "He",
        "She",
        "They",
        "My",
        "Your",
        "If",
        "When",
        "What",
        "Where",
        "Who",
        "And",
        "But",
        "Or",
        "So",
        "Is",
        "Are",
        "Do",
        "Can",
        "Mobile",
        "Desk",
        "Fax",
        "Phone",
        "Tel",
        "Email",
    ]
)


def addresses(text: str) -> Iterator[Finding]:
    """Yield the addresses of a text, each from the house to the country as far as capitals and numbers go."""
    if not any(map(str.isdigit, text)):
        return
    for pattern in _PATTERNS:
        group = "value" if "value" in pattern.groupindex else 0
        for found in pattern.finditer(text):
            start = _left(text, found.start(group))
            yield Finding(start, _right(text, found.end(group)), Kind.ADDRESS)
    for cue in _CUED.finditer(text):
        end = _right(text, cue.end(), is_start=True)
        if sum(map(str.isdigit, text[cue.end() : end])) >= _FEWEST_DIGITS and " " in text[cue.end() : end].strip():
            yield Finding(cue.end(), end, Kind.ADDRESS)


_FEWEST_DIGITS: Final = 2


def _right(text: str, end: int, *, is_start: bool = False) -> int:
    """Return where the run of capitals and numbers ends that an address goes on with."""
    for number in range(_AFTER + (_BEFORE_IT if is_start else 0)):
        gap = _GAP.match(text, end)
        start = end if is_start and number == 0 else gap.end() if gap else -1
        token = _TOKEN.match(text, start) if start >= 0 else None
        if token is None or token[0].rstrip(".,") in _SENTENCE_STARTS:
            break
        end = token.end()
    return len(text[:end].rstrip(" .,"))


_LEFT: Final = re.compile(rf"(?:(?<=\s)|^)(?:(?:{_NAME}|\d{{1,6}}[A-Za-z]?),?\s{{1,3}}){{1,{_BEFORE_IT}}}$")


def _left(text: str, start: int) -> int:
    """Return where an address begins whose later part was found: at a house number before it."""
    found = _LEFT.search(text[max(0, start - 80) : start])
    if found is None:
        return start
    number = re.search(r"(?<![\w.])\d", found[0])
    return start - len(found[0]) + number.start() if number else start

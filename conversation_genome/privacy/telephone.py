"""Telephone numbers; the one importer of phonenumbers, which knows how every country writes them."""

import re
from collections.abc import Iterator
from typing import Final

import phonenumbers

from conversation_genome.privacy.finding import Finding, Kind

_CANDIDATE: Final = re.compile(
    r"(?<![\w.,/$€£-])(?:\+|00)?\(?\d(?:[\s().\-/]{0,3}\d){5,16}(?:\s?(?:x|ext\.?)\s?\d{1,6})?(?![\w%])", re.IGNORECASE
)
_REGIONS: Final = ("US", "GB", "DE", "FR", "ES", "IT", "AU", "NL", "CH", "JP", "IN", "BR", "SE", "PL")
"""Where a number without a country's code is tried; where it belongs does not matter, only that it is one."""
_CUE: Final = re.compile(
    r"\b(?:phone|telephone|tel|cell|mobile|call|called|calling|text|fax|number|reach|contact|ring|dial|whatsapp|handy|téléphone|teléfono|電話)\b",
    re.IGNORECASE,
)
_DATE: Final = re.compile(
    r"^(?:(?:19|20)\d\d[-/. ]\d{1,2}[-/. ]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.](?:19|20)?\d\d)\b|^\d{1,2}[:.]\d\d$"
)
_YEARS: Final = re.compile(r"^(?:1[5-9]|20)\d\d\s?[-/ ]\s?(?:(?:1[5-9]|20)\d\d|\d\d)$")
_GROUPED: Final = re.compile(r"[\s().\-/+]")
_DIGITS: Final = (7, 15)


def telephone_numbers(text: str) -> Iterator[Finding]:
    """Yield telephone numbers: those that some country has, and those that are called one."""
    if sum(map(str.isdigit, text)) < _DIGITS[0]:
        return
    is_called_one = _CUE.search(text) is not None
    for found in _CANDIDATE.finditer(text):
        written = found[0].rstrip(" .-/(")
        digits = re.sub(r"\D", "", written)
        if not _DIGITS[0] <= len(digits) <= _DIGITS[1] + 2 or _DATE.match(written) or _YEARS.match(written):
            continue
        has_form = _GROUPED.search(written) is not None
        if (is_called_one and len(digits) >= _DIGITS[0]) or (has_form and _is_number(written)):
            yield Finding(found.start(), found.start() + len(written), Kind.PHONE)


def _is_number(written: str) -> bool:
    for region in (None,) if written.startswith("+") else _REGIONS:
        try:
            if phonenumbers.is_valid_number(phonenumbers.parse(written, region)):
                return True
        except phonenumbers.NumberParseException:
            continue
    return False

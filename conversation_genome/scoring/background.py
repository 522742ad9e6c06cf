"""Background: tags that fit every conversation, and words that carry no theme at all."""

from functools import cache
from importlib.resources import files
from typing import Final

from conversation_genome.scoring.wording import normalise, spelling


def _lines(name: str) -> list[str]:
    lines = files(__package__).joinpath(name).read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@cache
def background_tags() -> tuple[str, ...]:
    """Return the shipped list of tags that fit any conversation, normalised, in the file's order."""
    return tuple(dict.fromkeys(normalise(line) for line in _lines("background.txt")))


@cache
def background_spellings() -> frozenset[str]:
    """Return the spellings of the shipped list."""
    return frozenset(spelling(tag) for tag in background_tags())


SENTENCE_WORDS: Final = frozenset(word for line in _lines("sentence_words.txt") for word in line.split())
"""Words that belong to sentences: a tag that holds one is spoken, not named."""

EMPTY_WORDS: Final = SENTENCE_WORDS | {word for line in _lines("empty_words.txt") for word in line.split()}
"""Words that name nothing alone."""

"""Word lists: one text file each, words separated by blanks, lines that begin with # are comments."""

from functools import cache
from importlib import resources


@cache
def word_list(name: str) -> frozenset[str]:
    """Return the words of a list that ships with the engine."""
    text = resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


@cache
def phrase_list(name: str) -> frozenset[str]:
    """Return the entries of a list whose entries, separated by commas, may hold blanks."""
    text = resources.files(__name__).joinpath(f"{name}.txt").read_text(encoding="utf-8")
    lines = ",".join(line for line in text.splitlines() if not line.startswith("#"))
    return frozenset(entry.strip() for entry in lines.split(",") if entry.strip())

"""Ways to spoil a single line, as machines and recordings do: what a trained judge of lines must tell from the line."""

import random
import re
from collections.abc import Callable
from typing import Final

Spoiler = Callable[[str, random.Random], str]
_PUNCTUATION: Final = re.compile(r"[.,?!;:]+")
_SCRIPT_RUNS: Final = re.compile(
    r"[\u3041-\u309f]{1,2}|[\u30a0-\u30ff]+|[\u4e00-\u9fff]+|[^\u3041-\u30ff\u4e00-\u9fff]+"
)
_UNSPACED: Final = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def is_unspaced(text: str) -> bool:
    """Return whether a text holds kana or Han, which are written without blanks."""
    return _UNSPACED.search(text) is not None


def pieces(text: str) -> list[str]:
    """Return the words; where a script writes no blanks, runs of one script, kana in pairs."""
    return _SCRIPT_RUNS.findall(text) if is_unspaced(text) else text.split()


def joined(parts: list[str]) -> str:
    """Return the pieces as a line again."""
    return ("" if any(map(is_unspaced, parts)) else " ").join(parts)


def salad(text: str, chance: random.Random) -> str:
    """Return the words in another order, where there are two different ones."""
    parts = pieces(text)
    for _ in range(10):
        chance.shuffle(parts)
        if joined(parts) != text:
            break
    return joined(parts)


def loop(text: str, chance: random.Random) -> str:
    """Return the line up to a few words that it says again and again, as a weak model does."""
    parts = pieces(text)
    size = chance.randint(1, min(3, len(parts)))
    start = chance.randint(0, len(parts) - size)
    return joined(parts[: start + size] + parts[start : start + size] * chance.randint(2, 3))


def thinned(text: str, chance: random.Random) -> str:
    """Return the line without a third of its words."""
    parts = pieces(text)
    return joined([part for part in parts if chance.random() > 0.35] or parts[:1])


def cut_short(text: str, _: random.Random) -> str:
    """Return the first half of the line."""
    parts = pieces(text)
    return joined(parts[: max(1, len(parts) // 2)])


def unpunctuated(text: str) -> str:
    """Return the line in lower case without punctuation."""
    return " ".join(_PUNCTUATION.sub(" ", text.lower()).split())


SPOILERS: Final[dict[str, Spoiler]] = {"salad": salad, "loop": loop, "thinned": thinned, "cut short": cut_short}

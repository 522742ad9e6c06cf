"""English words with their parts of speech; the one place that runs spaCy's model.

Only the tagger runs (no parser, no entity model): it is what a tag needs, at five times the speed.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final

from conversation_genome.spacy_library import ENGLISH_MODEL, bounded_vocabulary, spacy

NOUN: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
PROPER: Final = frozenset({"NNP", "NNPS"})
_UNUSED: Final = ["parser", "ner", "lemmatizer", "senter", "attribute_ruler"]
_BATCH: Final = 64
_ADJECTIVES: Final = frozenset(
    [
        "open",
        "clean",
        "clear",
        "free",
        "direct",
        "correct",
        "dry",
        "empty",
        "slow",
        "cool",
        "warm",
        "live",
        "present",
        "secure",
    ]
)
"""Which are verbs too."""
_BEFORE_VERB: Final = frozenset(["TO", "MD", "PRP", "NNP", "NNS", "WP", "WDT", "RB"])
_SLIP: Final = re.compile(r"^[A-Z]{2}[a-z]{3,}$")
"""`SImpsons`: the shift key was held too long."""
_LOCK: Final = threading.Lock()

Token = tuple[str, str]
"""Text and fine-grained tag."""


@cache
def _loaded() -> tuple[Any, frozenset[str]]:
    """Return the model and the words in lower case that it was trained on."""
    model = spacy.load(ENGLISH_MODEL, exclude=_UNUSED)
    return model, frozenset(word for word in model.vocab.strings if word.islower() and word.isalpha())


def _model() -> Any:
    return _loaded()[0]


def is_known(word: str) -> bool:
    """Return whether a word in lower case is one that the model was trained on."""
    return word in _loaded()[1]


def is_verb(deed: str) -> bool:
    """Return whether a form in -ing is one of a verb: `setuping` is a noun that was taken for one."""
    return not _loaded()[1].isdisjoint((deed, f"{deed.removesuffix('ing')}ed"))


def tagged(texts: Sequence[str]) -> Iterator[list[Token]]:
    """Yield the tagged tokens of each text; memory does not grow with what was read."""
    for start in range(0, len(texts), _BATCH):
        with _LOCK, bounded_vocabulary(_model()):
            batch = [
                list(_compounded([(_unslipped(token.text), token.tag_, bool(token.whitespace_)) for token in doc]))
                for doc in _model().pipe(texts[start : start + _BATCH], batch_size=_BATCH)
            ]
        yield from batch


def _unslipped(text: str) -> str:
    return text.capitalize() if _SLIP.match(text) else text


def _compounded(tokens: Sequence[tuple[str, str, bool]]) -> Iterator[Token]:
    """Yield the tokens, `left-handed` as the one word that it is written as.

    Args:
        tokens: Text, tag and whether a blank follows.
    """
    place = 0
    before = ""
    while place < len(tokens):
        end = place + 1
        while end + 1 < len(tokens) and tokens[end][0] == "-" and not (tokens[end - 1][2] or tokens[end][2]):
            end += 2
        parts = tokens[place:end]
        text = "".join(word for word, _, _ in parts)
        tag = parts[0][1] if len(parts) == 1 else _compound_tag(parts[0][1], parts[-1][1])
        following = tokens[end][1] if end < len(tokens) else ""
        yield text, "JJ" if _is_adjective_after_all(text, tag, before, following) else tag
        before = tag
        place = end


def _is_adjective_after_all(text: str, tag: str, before: str, following: str) -> bool:
    """Return whether `open` in `open source` was taken for a verb, though nothing stands before it that one needs."""
    return tag in {"VB", "VBP"} and following in NOUN and before not in _BEFORE_VERB and text.lower() in _ADJECTIVES


def _compound_tag(first: str, last: str) -> str:
    """Return what a word of several is: what its last part is if that is a noun (`belief-net`), else an adjective."""
    if last in NOUN:
        return last
    return first if first in PROPER and last == "CD" else "JJ"

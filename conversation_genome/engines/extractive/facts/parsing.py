"""Sentences with their grammar, for the few lines that may hold a fact; the one place that runs spaCy's parser."""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from typing import Any, Final

from conversation_genome.spacy_library import ENGLISH_MODEL, bounded_vocabulary, spacy

_UNUSED: Final = ["ner", "lemmatizer", "senter", "attribute_ruler"]
_BATCH: Final = 64
_MAX_CHARACTERS: Final = 1_500
_LOCK: Final = threading.Lock()
_SPLIT_CONTRACTION: Final = re.compile(r"\s+(['\u2019](?:m|s|re|ve|ll|d)\b|n['\u2019]t\b)")
_LONE_I: Final = re.compile(r"\bi\b")
_IM: Final = re.compile(r"\b[Ii]m\b(?!')")
_LIKES: Final = frozenset(["like", "love", "enjoy", "hate", "adore"])
_BREAK: Final = re.compile(
    r"(?:,\s*|\s+-+\s+|\s+(?=(?:and|but|so)\s))(?=(?:and |but |so )?(?:do|did|are|have|can|would|how about|what about|what do|what are)\s+(?:you|yours?)\b)",
    re.IGNORECASE,
)
"""Before a question that hangs on a statement: `I like it, do you?`"""

_SPLICE: Final = re.compile(r"\s*[,;]\s+(?:(?:and|but|so)\s+)?(?=(?:I|[Ww]e)(?:'\w+)?\s+\w)")
_STATEMENT: Final = re.compile(r"\b(?:I|I'\w+|[Mm]y|[Ww]e|[Ww]e'\w+)\s+\w")
_UNREAL: Final = re.compile(
    r"\b(?:if|unless|whether|wish|when|whenever|once|as|since|because|said|says|say|told|thinks|while|although|though|let)\b",
    re.IGNORECASE,
)
"""After these what stands behind the comma may hang on what stands before it."""
_DROPPED_I: Final = re.compile(
    r"(?:^|(?<=[.!?]\s))(?:Lov(?:e|ed)|Hate|Grew up|Live in|Work(?:ed)? (?:as|at|for|in)|Used to|Can't stand|Don't like|Born in|Been an?)"
    r"(?=\s+(?!is\b|was\b|you\b|your\b|it\b|this\b|that\b)\w)",
    re.IGNORECASE,
)
"""How a short statement begins whose `I` is left out."""
SPEAKS_OF_SELF: Final = re.compile(r"\b(?:i|im|i'm|my|we|our|me)\b|" + _DROPPED_I.pattern, re.IGNORECASE)
"""A line without any of these is not parsed."""


@dataclass(frozen=True, slots=True)
class Word:
    """One word with its place in the grammar of its sentence."""

    text: str
    lower: str
    tag: str
    """Penn Treebank tag."""
    dep: str
    """Relation to the head, in the labels of spaCy's English models (ClearNLP)."""
    head: int
    """Index of the head in the sentence; its own at the root."""


@dataclass(frozen=True)
class Sentence:
    """The words of one sentence."""

    words: tuple[Word, ...]

    @cached_property
    def children(self) -> tuple[tuple[int, ...], ...]:
        """The indexes of the words that hang on each word, in order."""
        held: list[list[int]] = [[] for _ in self.words]
        for index, word in enumerate(self.words):
            if word.head != index:
                held[word.head].append(index)
        return tuple(map(tuple, held))

    @property
    def is_question(self) -> bool:
        """Whether it ends with a question mark."""
        return any(word.text.startswith("?") for word in self.words[-2:])

    def child(self, index: int, *deps: str) -> int | None:
        """Return the first word that hangs on another by one of the relations."""
        return next((child for child in self.children[index] if self.words[child].dep in deps), None)

    def subtree(self, index: int) -> set[int]:
        """Return a word and all that hangs on it."""
        held, waiting = {index}, [index]
        while waiting:
            new = [child for child in self.children[waiting.pop()] if child not in held]
            held.update(new)
            waiting += new
        return held


@cache
def _model() -> Any:
    return spacy.load(ENGLISH_MODEL, exclude=_UNUSED)


def parsed(texts: Sequence[str]) -> Iterator[list[Sentence]]:
    """Yield the sentences of each text; memory does not grow with what was read."""
    for start in range(0, len(texts), _BATCH):
        plain = [plain_english(text) for text in texts[start : start + _BATCH]]
        with _LOCK, bounded_vocabulary(_model()):
            batch = [list(map(_sentence, doc.sents)) for doc in _model().pipe(plain, batch_size=_BATCH)]
        yield from batch


def plain_english(text: str) -> str:
    """Return a text as the parser reads it best: contractions whole, `I` in capitals, a hanging question cut off."""
    text = _SPLIT_CONTRACTION.sub(r"\1", text[:_MAX_CHARACTERS]).replace("\u2019", "'")
    text = _BREAK.sub(". ", _IM.sub("I'm", text))
    return _DROPPED_I.sub(_with_subject, _SPLICE.sub(_broken_off, _LONE_I.sub("I", text)))


def _broken_off(splice: re.Match[str]) -> str:
    """Return a full stop in place of a comma between two statements of oneself; a condition keeps what hangs on it."""
    before = re.split(r"[.!?] ", splice.string[: splice.start()])[-1]
    return ". " if _STATEMENT.search(before) and not _UNREAL.search(before) else splice[0]


def _with_subject(verb: re.Match[str]) -> str:
    return f"I {verb[0][:1].lower()}{verb[0][1:]}"


def _sentence(span: Any) -> Sentence:
    words = [Word(token.text, token.lower_, token.tag_, token.dep_, token.head.i - span.start) for token in span]
    for index, word in enumerate(words):
        deed = words[word.head]
        if word.dep == "aux" and word.lower in _LIKES and deed.tag == "VBG" and deed.dep == "ROOT":
            words = _with_liking(words, index)
    return Sentence(tuple(words))


def _with_liking(words: list[Word], liking: int) -> list[Word]:
    """Return the words of `I love hiking` with `love` as what is said, where the parser took it for an auxiliary."""
    deed = words[liking].head
    repaired = [replace(word, head=liking) if word.head == deed and word.dep == "nsubj" else word for word in words]
    repaired[liking] = replace(words[liking], dep="ROOT", head=liking)
    repaired[deed] = replace(words[deed], dep="xcomp", head=liking)
    return repaired

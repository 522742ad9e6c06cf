"""English: noun phrases, names and activities from part-of-speech tags; the one place that runs spaCy's model.

Only the tagger runs (no parser, no entity model): it is what a tag needs, at five times the speed.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import Any, Final

from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list
from conversation_genome.spacy_library import ENGLISH_MODEL, spacy

MAX_WORDS: Final = 4

_UNUSED: Final = ["parser", "ner", "lemmatizer", "senter", "attribute_ruler"]
_BATCH: Final = 64
_KEPT_WORDS: Final = 150_000
"""Words that stay in spaCy's vocabulary once seen; after that new ones are forgotten with their batch."""
_NOUN: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
_PROPER: Final = frozenset({"NNP", "NNPS"})
_BEFORE_NOUN: Final = frozenset({"JJ", "VBG", "VBN"})
_AUXILIARY: Final = frozenset(
    [
        "'s",
        "'m",
        "'re",
        "am",
        "are",
        "be",
        "been",
        "being",
        "is",
        "was",
        "were",
        "s",
        "m",
        "re",
        "gonna",
        "keep",
        "keeps",
        "kept",
        "start",
        "started",
        "stop",
    ]
)
_DONE_TO_ONE: Final = frozenset(
    [
        "playing",
        "drinking",
        "eating",
        "studying",
        "cooking",
        "baking",
        "riding",
        "teaching",
        "practising",
        "practicing",
        "growing",
        "making",
    ]
)
"""What one does to a thing in the singular: `playing chess` is an activity, a `caching system` is none."""
_WORD: Final = re.compile(r"^[^\W\d_][\w+#.'&/\-]*$|^\d+[a-zA-Z]\w*$")
_DAY: Final = re.compile(r"^\d{1,4}(?:st|nd|rd|th|am|pm)?$", re.IGNORECASE)
_LOCK: Final = threading.Lock()

Token = tuple[str, str]
"""Text and fine-grained tag."""


@cache
def _model() -> Any:
    return spacy.load(ENGLISH_MODEL, exclude=_UNUSED)


def tagged(texts: Sequence[str]) -> Iterator[list[Token]]:
    """Yield the tagged tokens of each text; memory does not grow with what was read."""
    for start in range(0, len(texts), _BATCH):
        with _LOCK, _memory():
            batch = [
                [(token.text, token.tag_) for token in doc]
                for doc in _model().pipe(texts[start : start + _BATCH], batch_size=_BATCH)
            ]
        yield from batch


def _memory() -> AbstractContextManager[object]:
    """Return what bounds the vocabulary: nothing while it is small, since common words are worth keeping."""
    model = _model()
    return nullcontext() if len(model.vocab) < _KEPT_WORDS else model.memory_zone()


def english_mentions(tokens: Sequence[Token], *, has_case: bool) -> list[Mention]:
    """Return the phrases of one tagged line that may become tags.

    Args:
        tokens: The line.
        has_case: Whether the talk uses capitals; where it does not, names are given theirs.
    """
    mentions: list[Mention] = []
    run: list[Token] = []
    before = ""
    for index, (text, tag) in enumerate(tokens):
        if _continues(run, tokens, index):
            run.append((text, tag))
            continue
        mentions += _run_mentions(run, before, has_case=has_case)
        run = []
        before = text.lower()
    mentions += _run_mentions(run, before, has_case=has_case)
    return mentions


def phrase_at(tokens: Sequence[Token], place: int) -> tuple[int, int, int]:
    """Return where the noun phrase that begins at a place lies, without what adds nothing, and where to read on.

    Start and end are equal where there is none: no noun, an empty word among them, or more than MAX_WORDS words.
    """
    run: list[Token] = []
    while place + len(run) < len(tokens) and _continues(run, tokens, place + len(run)):
        run.append(tokens[place + len(run)])
    start, end = 0, len(run)
    while start < end and (_adds_nothing(run, start) or (run[start][1] == "VBG" and end - start > 1)):
        start += 1
    while end > start and not _may_end(run, end - 1):
        end -= 1
    words = run[start:end]
    is_phrase = 0 < len(words) <= MAX_WORDS and words[-1][1] in _NOUN and not any(map(_is_empty, words))
    return place + start, place + (end if is_phrase else start), place + len(run)


def singular(word: str) -> str:
    """Return a noun without its plural ending; good enough to know two forms for one."""
    if len(word) <= 3 or not word.endswith("s") or word.endswith(("ss", "us", "is", "'s", "ics", "ews")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("ches", "shes", "sses", "xes", "zes")):
        return word[:-2]
    return word[:-1]


def _continues(run: list[Token], tokens: Sequence[Token], index: int) -> bool:
    """Return whether the token at the index belongs to the phrase that the run began."""
    text, tag = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else ("", "")
    if tag in _NOUN:
        return True
    last = run[-1][1] if run else ""
    if tag in _BEFORE_NOUN:
        return last not in _NOUN or (tag == "JJ" and following[1] in _NOUN and last in _PROPER)
    if tag == "HYPH" or text == "-":
        return bool(run) and (following[1] in _NOUN or following[1] in _BEFORE_NOUN)
    return last in _PROPER and _continues_name(run[-1][0], (text, tag), following)


def _continues_name(last: str, token: Token, following: Token) -> bool:
    """Return whether a name goes on: `Windows 95`, `Valentine's Day`, `Bank of England`."""
    text, tag = token
    if tag == "CD":
        return text.isascii() and len(text) <= 5
    if tag == "POS":
        return following[1] in _PROPER
    return text.lower() == "of" and last[:1].isupper() and following[0][:1].isupper()


def _run_mentions(run: list[Token], before: str, *, has_case: bool) -> Iterator[Mention]:
    for part in _split(run):
        words = _trimmed(part)
        if words:
            yield from _phrase_mentions(words[-MAX_WORDS:], before, has_case=has_case)


def _split(run: list[Token]) -> Iterator[list[Token]]:
    """Yield the parts of a run between words that can be in no tag."""
    part: list[Token] = []
    for token in run:
        if _is_empty(token):
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _is_empty(token: Token) -> bool:
    """Return whether a word can be in no tag."""
    text, tag = token
    lowered, empty = text.lower(), word_list("empty_heads")
    if tag in {"HYPH", "POS", "CD"} or lowered in {"of", "-"}:
        return False
    return singular(lowered) in empty or lowered in empty or not _WORD.match(text) or len(text) > 30


def _trimmed(part: list[Token]) -> list[Token]:
    """Return the part without what adds nothing at its ends; empty where no noun or activity is left."""
    start, end = 0, len(part)
    while start < end and _adds_nothing(part, start):
        start += 1
    while end > start and not _may_end(part, end - 1):
        end -= 1
    return part[start:end]


def _adds_nothing(part: list[Token], index: int) -> bool:
    text, tag = part[index]
    if tag in {"HYPH", "POS", "CD"} or text.lower() in {"of", "-"} or (len(text) == 1 and text.islower()):
        return True
    following = part[index + 1] if index + 1 < len(part) else ("", "")
    is_in_name = text[:1].isupper() and following[1] in _PROPER and following[0][:1].isupper()
    return text.lower() in word_list("weak_modifiers") and not is_in_name


def _may_end(part: list[Token], index: int) -> bool:
    text, tag = part[index]
    if tag == "CD":
        return index > 0
    return (tag in _NOUN or (tag == "VBG" and index == 0)) and text.lower() not in {"of", "-"}


def _phrase_mentions(words: list[Token], before: str, *, has_case: bool) -> Iterator[Mention]:
    if words[0][1] == "VBG" and not any(tag in _PROPER for _, tag in words):
        yield from _gerund_mentions(words, before, has_case=has_case)
        return
    if words[0][1] in {"VBG", "VBN"} and (len(words) == 1 or words[1][1] in _PROPER):
        words = words[1:]
    if not words or _is_date(words):
        return
    is_name = all(tag in _PROPER or tag in {"HYPH", "POS", "CD", "IN"} for _, tag in words)
    yield from _mention(words, Kind.NAME if is_name else Kind.NOUN, has_case=has_case)
    if is_name or len(words) == 1 or any(tag in {"HYPH", "POS", "CD", "IN"} for _, tag in words):
        return
    if len(words) > 2:
        yield from _mention(words[-2:], Kind.NOUN, has_case=has_case)
    yield from _mention(words[-1:], Kind.NAME if words[-1][1] in _PROPER else Kind.NOUN, has_case=has_case)


def _is_date(words: list[Token]) -> bool:
    """Return whether a phrase only says when: `March 9th`, `next Monday`."""
    return all(text.lower() in word_list("dates") or _DAY.match(text) for text, _ in words)


def _gerund_mentions(words: list[Token], before: str, *, has_case: bool) -> Iterator[Mention]:
    """`watching football` and `I love hiking` are activities, `is walking` is not."""
    is_generic = words[0][0].lower() in word_list("generic_gerunds")
    if len(words) == 1:
        if not is_generic and before not in _AUXILIARY:
            yield from _mention(words, Kind.ACTIVITY, has_case=has_case)
        return
    is_deed = words[-1][1] != "NN" or words[0][0].lower() in _DONE_TO_ONE
    yield from _mention(words[1:], Kind.NOUN, has_case=has_case)
    if not is_generic:
        yield from _mention(words[:3], Kind.ACTIVITY if is_deed else Kind.NOUN, has_case=has_case)


def _mention(words: list[Token], kind: Kind, *, has_case: bool) -> Iterator[Mention]:
    is_capitalised = not has_case and kind is Kind.NAME and len(words) > 1
    text = written(words, is_capitalised=is_capitalised).strip("-'. ")
    last = singular(words[-1][0].lower()) if kind is not Kind.NAME else words[-1][0].lower()
    key = " ".join([*(word.lower() for word, _ in words[:-1]), last])
    if not 2 <= len(text) <= 64 or (len(text) == 2 and not text.isupper()):
        return
    is_weak = len(words) == 1 and (last in word_list("weak_heads") or last in word_list("weak_modifiers"))
    yield Mention(key=key, text=text, kind=kind, is_weak=is_weak)


def written(words: Sequence[Token], *, is_capitalised: bool = False) -> str:
    """Return a phrase as a tag shows it; a capital beside a name's is part of the name (`High Life`, the film)."""
    shown = [
        text if _is_beside_name(words, index) else surface(text, tag, is_capitalised=is_capitalised)
        for index, (text, tag) in enumerate(words)
    ]
    return " ".join(shown).replace(" - ", "-").replace(" '", "'")


def _is_beside_name(words: Sequence[Token], index: int) -> bool:
    beside = [*words[max(0, index - 1) : index], *words[index + 1 : index + 2]]
    has_name = any(tag in _PROPER and text[:1].isupper() for text, tag in beside)
    return has_name and words[index][0][:1].isupper()


def surface(text: str, tag: str, *, is_capitalised: bool = False) -> str:
    """Return a word as a tag shows it: names, acronyms and `iOS` as they are, all else in lower case."""
    if text[1:].lower() != text[1:] or not text.isalpha():
        return text
    if tag in _PROPER:
        return text[:1].upper() + text[1:] if is_capitalised else text
    return text.lower()

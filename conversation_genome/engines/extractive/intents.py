"""Intents and feelings that English talk voices: `book a table`, `cancel subscription`, `frustration with delivery`.

An intent is what somebody asks for or says they want to get done, with a verb of service and its object. A feeling is
one that a speaker has, in the first person, about something named right after it, where the whole sentence leans
the same way (VADER; Hutto and Gilbert, ICWSM 2014).
"""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Final

from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from conversation_genome.engines.extractive.english_forms import deed_key, gerund
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list

Token = tuple[str, str]

_SERVICES: Final = frozenset(
    [
        "book",
        "reserve",
        "find",
        "buy",
        "rent",
        "order",
        "cancel",
        "schedule",
        "reschedule",
        "transfer",
        "check",
        "play",
        "get",
        "pay",
        "return",
        "refund",
        "exchange",
        "change",
        "replace",
        "renew",
        "upgrade",
        "activate",
        "download",
        "install",
        "watch",
        "see",
        "hear",
        "visit",
        "join",
        "sell",
        "send",
        "share",
        "track",
        "confirm",
        "contact",
        "hire",
        "borrow",
        "apply",
        "register",
        "enroll",
        "subscribe",
        "unsubscribe",
        "open",
        "close",
        "update",
        "fix",
        "repair",
        "configure",
        "add",
        "remove",
        "delete",
        "set",
    ]
)
_ASKS: Final = frozenset(
    [
        ("want", "to"),
        ("wanna", ""),
        ("need", "to"),
        ("like", "to"),
        ("love", "to"),
        ("trying", "to"),
        ("wish", "to"),
        ("looking", "to"),
        ("have", "to"),
        ("help", "me"),
        ("can", "you"),
        ("could", "you"),
        ("would", "you"),
        ("can", "i"),
        ("could", "i"),
        ("you", "please"),
        ("please", ""),
        ("let", "us"),
    ]
)
_SKIPPED: Final = frozenset({"DT", "PRP$", "CD", "PDT"})
_OBJECT: Final = frozenset({"NN", "NNS", "JJ", "VBG", "NNP", "NNPS"})
_NOUN: Final = frozenset({"NN", "NNS", "NNP", "NNPS"})
_EMPTY_OBJECTS: Final = frozenset(
    [
        "thing",
        "things",
        "something",
        "anything",
        "one",
        "ones",
        "way",
        "time",
        "lot",
        "bit",
        "idea",
        "sense",
        "look",
        "rid",
        "people",
        "person",
        "stuff",
        "kind",
        "sort",
        "day",
    ]
)
_MAX_OBJECT_WORDS: Final = 3

_FEELINGS: Final[dict[str, tuple[str, int]]] = {
    word: (name, lean)
    for name, lean, words in (
        ("frustration with", -1, "frustrated annoyed angry furious upset disappointed disappointing hate hated frustrating annoying"),
        ("worry about", -1, "worried afraid scared concerned anxious nervous worrying"),
        ("sadness about", -1, "sad heartbroken devastated"),
        ("enthusiasm for", 1, "love loved adore excited thrilled obsessed"),
        ("gratitude for", 1, "grateful thankful"),
    )
    for word in words.split()
}  # fmt: skip
_LINKS: Final = frozenset({"IN", "DT", "PRP$", "TO"})
_FIRST_PERSON: Final = frozenset({"i", "we", "i'm", "im", "we're", "me"})
_BEFORE: Final = 5
_LEAST_LEAN: Final = 0.35
"""VADER's compound score of the words around a feeling, in [-1, 1], that bears it out."""


def intent_mentions(tokens: Sequence[Token]) -> Iterator[Mention]:
    """Yield what the speaker of a tagged line asks for or wants to get done."""
    words = [text.lower() for text, _ in tokens]
    for place, word in enumerate(words):
        if word in _SERVICES and tokens[place][1] in {"VB", "VBP", "NN"} and _is_asked(words, place):
            found = _object(tokens, place + 1)
            if found:
                text = f"{word} {found}"
                yield Mention(key=deed_key(f"{gerund(word)} {found}"), text=text[:64], kind=Kind.INTENT)


def feeling_mentions(tokens: Sequence[Token]) -> Iterator[Mention]:
    """Yield what the speaker of a tagged line says they feel, and about what."""
    words = [text.lower() for text, _ in tokens]
    for place, word in enumerate(words):
        if word not in _FEELINGS or tokens[place][1] in _NOUN:
            continue
        before = words[max(0, place - _BEFORE) : place]
        start = place + 1
        while start < len(tokens) and start - place <= 3 and tokens[start][1] in _LINKS:
            start += 1
        about = _object(tokens, start)
        if about and _FIRST_PERSON & set(before) and _leans(" ".join(words[max(0, place - _BEFORE) : place + 6]), word):
            text = f"{_FEELINGS[word][0]} {about}"
            yield Mention(key=deed_key(text), text=text[:64], kind=Kind.SENTIMENT, is_weak=True)


def _is_asked(words: Sequence[str], place: int) -> bool:
    last = words[place - 1] if place else ""
    before = words[place - 2] if place > 1 else ""
    return (last, "") in _ASKS or (before, last) in _ASKS


def _object(tokens: Sequence[Token], start: int) -> str:
    """Return the noun phrase that begins at a place, without determiners except `a`; empty if none does."""
    article = ""
    while start < len(tokens) and tokens[start][1] in _SKIPPED:
        article = tokens[start][0].lower() if tokens[start][0].lower() in {"a", "an"} else ""
        start += 1
    while start < len(tokens) and tokens[start][0].lower() in word_list("weak_modifiers"):
        start += 1
    end = start
    while end < len(tokens) and tokens[end][1] in _OBJECT and end - start < _MAX_OBJECT_WORDS:
        end += 1
    while end > start and tokens[end - 1][1] not in _NOUN:
        end -= 1
    if end == start or tokens[end - 1][0].lower() in _EMPTY_OBJECTS or not tokens[end - 1][0].isalpha():
        return ""
    text = " ".join(word if tag in {"NNP", "NNPS"} else word.lower() for word, tag in tokens[start:end])
    return f"{article} {text}".strip()


def _leans(text: str, word: str) -> bool:
    return float(_analyzer().polarity_scores(text)["compound"]) * _FEELINGS[word][1] >= _LEAST_LEAN


@cache
def _analyzer() -> SentimentIntensityAnalyzer:
    return SentimentIntensityAnalyzer()

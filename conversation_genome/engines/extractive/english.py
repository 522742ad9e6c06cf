"""English: noun phrases, names and activities from part-of-speech tags."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from conversation_genome.engines.extractive.english_forms import deed_key, singular
from conversation_genome.engines.extractive.english_tagger import NOUN, PROPER, Token
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.words import word_list

MAX_WORDS: Final = 4

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
_WEAK_ALONE: Final = ("weak_heads", "weak_modifiers", "common_verbs", "light_verbs")
_SECOND_HALVES: Final = frozenset(
    [
        "handed",
        "sided",
        "minded",
        "legged",
        "sized",
        "aged",
        "based",
        "grossing",
        "looking",
        "sounding",
        "rated",
        "priced",
    ]
)
"""Of words whose first half was taken for another word: `left handed quarterback`."""
_GOES_ON: Final = frozenset(["leaving", "starring", "going", "coming", "including", "regarding", "following", "being"])
"""What is no noun behind a noun, whatever the tagger says: `flight leaving`."""
_WORD: Final = re.compile(r"^[^\W\d_][\w+#.'&/\-]*$|^\d+[a-zA-Z]\w*$")
_COUNT: Final = re.compile(r"^(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?$", re.IGNORECASE)
_DAY: Final = re.compile(r"^\d{1,4}(?:st|nd|rd|th|am|pm)?$", re.IGNORECASE)


def english_mentions(tokens: Sequence[Token]) -> list[Mention]:
    """Return the phrases of one tagged line that may become tags; a name of several words is given its capitals."""
    mentions: list[Mention] = []
    run: list[Token] = []
    before = ""
    for index, (text, tag) in enumerate(tokens):
        if _continues(run, tokens, index):
            run.append((text, tag))
            continue
        mentions += _run_mentions(run, before)
        run = []
        before = text.lower()
    mentions += _run_mentions(run, before)
    return mentions


def phrase_at(tokens: Sequence[Token], place: int) -> tuple[int, int, int]:
    """Return where the noun phrase that begins at a place lies, without what adds nothing, and where to read on.

    Start and end are equal where there is none: no noun, an empty word among them, or more than MAX_WORDS words.
    """
    run: list[Token] = []
    while place + len(run) < len(tokens) and _continues(run, tokens, place + len(run)):
        run.append(tokens[place + len(run)])
    start, end = 0, len(run)
    while start < end and (_adds_nothing(run, start) or (end - start > 1 and _is_deed(run, start))):
        start += 1
    while end > start and not _may_end(run, end - 1):
        end -= 1
    words = run[start:end]
    is_phrase = 0 < len(words) <= MAX_WORDS and words[-1][1] in NOUN and not any(map(_is_empty, words))
    return place + start, place + (end if is_phrase else start), place + len(run)


def _is_deed(run: list[Token], index: int) -> bool:
    return run[index][1] == "VBG" or _is_spent_on(run[index], run[index + 1])


def _continues(run: list[Token], tokens: Sequence[Token], index: int) -> bool:
    """Return whether the token at the index belongs to the phrase that the run began."""
    text, tag = tokens[index]
    following = tokens[index + 1] if index + 1 < len(tokens) else ("", "")
    if tag in NOUN:
        return True
    last = run[-1][1] if run else ""
    if tag in _BEFORE_NOUN:
        return last not in NOUN or (tag == "JJ" and following[1] in NOUN and last in PROPER)
    if tag == "HYPH" or text == "-":
        return bool(run) and (following[1] in NOUN or following[1] in _BEFORE_NOUN)
    return last in PROPER and _continues_name(run[-1][0], (text, tag), following)


def _continues_name(last: str, token: Token, following: Token) -> bool:
    """Return whether a name goes on: `Windows 95`, `Valentine's Day`, `Bank of England`."""
    text, tag = token
    if tag == "CD":
        return text.isascii() and len(text) <= 5
    if tag == "POS":
        return following[1] in PROPER
    return text.lower() == "of" and last[:1].isupper() and following[0][:1].isupper()


def _run_mentions(run: list[Token], before: str) -> Iterator[Mention]:
    for part in _split(run):
        words = _trimmed(part)
        if words:
            yield from _phrase_mentions(words[-MAX_WORDS:], before)


def _split(run: list[Token]) -> Iterator[list[Token]]:
    """Yield the parts of a run between words that can be in no tag."""
    part: list[Token] = []
    for token in run:
        if _is_empty(token) or (part and _is_verb_behind(part[-1], token)):
            yield part
            part = []
        elif part and _is_spent_on(part[-1], token):
            yield part[:-1]
            part = [token]
        else:
            part.append(token)
    yield part


def _is_spent_on(last: Token, token: Token) -> bool:
    """Return whether a participle belongs to what stands before and a deed follows: `spent showing players`."""
    return (last[1], token[1]) == ("VBN", "VBG")


def _is_verb_behind(last: Token, token: Token) -> bool:
    """Return whether a word behind a plural is the sentence's verb, whatever the tagger says: `Chiefs win games`."""
    return last[1] in {"NNS", "NNPS"} and token[1] == "NN" and token[0] in word_list("verbs_behind_plurals")


def _is_empty(token: Token) -> bool:
    """Return whether a word can be in no tag."""
    text, tag = token
    lowered, empty = text.lower(), word_list("empty_heads")
    if tag in {"HYPH", "POS", "CD"} or lowered in {"of", "-"}:
        return False
    is_acronyms = text.endswith("s") and text[:-1].isupper() and len(text) > 3  # `HMMs` are no `hmm`
    return (
        (not is_acronyms and singular(lowered) in empty) or lowered in empty or not _WORD.match(text) or len(text) > 30
    )


def _trimmed(part: list[Token]) -> list[Token]:
    """Return the part without what adds nothing at its ends; empty where no noun or activity is left."""
    start, end = 0, len(part)
    while start < end and (_adds_nothing(part, start) or _is_of_verb(part[start])):
        start += 1
    while end > start and not _may_end(part, end - 1):
        end -= 1
    return part[start:end]


def _is_of_verb(token: Token) -> bool:
    """Return whether a participle belongs to the sentence's verb and not to the noun: `been watching football`."""
    return token[1] == "VBN" and token[0].lower() in word_list("light_verbs")


def _adds_nothing(part: list[Token], index: int) -> bool:
    text, tag = part[index]
    if tag in {"HYPH", "POS", "CD"} or text.lower() in {"of", "-"} or (len(text) == 1 and text.islower()):
        return True
    following = part[index + 1] if index + 1 < len(part) else ("", "")
    is_in_name = text[:1].isupper() and following[1] in PROPER and following[0][:1].isupper()
    is_count = bool(_COUNT.match(text))
    return (is_count or text.lower() in word_list("weak_modifiers") | _SECOND_HALVES) and not is_in_name


def _may_end(part: list[Token], index: int) -> bool:
    text, tag = part[index]
    if tag == "CD":
        return index > 0
    if index > 0 and tag == "NN" and (text.lower() in _GOES_ON or (len(text) == 1 and text.islower())):
        return False  # of a word that was broken off there is one letter: `plastic w`
    return (tag in NOUN or (tag == "VBG" and index == 0)) and text.lower() not in {"of", "-"}


def _phrase_mentions(words: list[Token], before: str) -> Iterator[Mention]:
    if words[0][1] == "VBG" and not any(tag in PROPER for _, tag in words):
        yield from _gerund_mentions(words, before)
        return
    if words[0][1] in {"VBG", "VBN"} and (len(words) == 1 or words[1][1] in PROPER):
        words = words[1:]
    words = _undated(words)
    if not words:
        return
    is_name = _is_name(words)
    yield from _mention(words, Kind.NAME if is_name else Kind.NOUN)
    if is_name or len(words) == 1 or any(tag in {"HYPH", "POS", "CD", "IN"} for _, tag in words):
        return
    is_in_name = all(tag in PROPER for _, tag in words[-3:-1])
    if len(words) > 2 and not is_in_name:  # `United Airlines flight` is no `Airlines flight`
        yield from _mention(words[-2:], Kind.NOUN)
    yield from _mention(words[-1:], Kind.NAME if words[-1][1] in PROPER else Kind.NOUN)


def _is_name(words: Sequence[Token]) -> bool:
    return all(tag in PROPER or tag in {"HYPH", "POS", "CD", "IN"} for _, tag in words)


def _undated(words: list[Token]) -> list[Token]:
    """Return a phrase without what only says when: `March 9th`, `next Monday`, `drop-off date March 8th`."""
    is_when = [text.lower() in word_list("dates") or bool(_DAY.match(text)) for text, _ in words]
    if all(is_when):
        return []
    has_day = len(words) > 2 and words[-2][0].lower() in word_list("dates") and bool(_DAY.match(words[-1][0]))
    return words[:-2] if has_day else words


def _gerund_mentions(words: list[Token], before: str) -> Iterator[Mention]:
    """`watching football` and `I love hiking` are activities, `is walking` is not."""
    is_generic = words[0][0].lower() in word_list("generic_gerunds")
    if len(words) == 1:
        if not is_generic and before not in _AUXILIARY and words[0][0].lower() not in word_list("vague_deeds"):
            yield from _mention(words, Kind.ACTIVITY)
        return
    is_deed = words[-1][1] != "NN" or words[0][0].lower() in _DONE_TO_ONE
    yield from _mention(words[1:], Kind.NOUN)
    if not is_generic:
        yield from _mention(words[:3], Kind.ACTIVITY if is_deed else Kind.NOUN)


def _mention(words: list[Token], kind: Kind) -> Iterator[Mention]:
    is_capitalised = kind is Kind.NAME and len(words) > 1
    text = written(words, is_capitalised=is_capitalised).strip("-'. ")
    last = singular(words[-1][0].lower()) if kind is not Kind.NAME else words[-1][0].lower()
    is_deed = kind is Kind.ACTIVITY and len(words) > 1
    key = " ".join([*(word.lower() for word, _ in words[:-1]), last])
    if not 2 <= len(text) <= 64 or (len(text) == 2 and not text.isupper()):
        return
    is_weak = len(words) == 1 and any(last in word_list(name) for name in _WEAK_ALONE)
    yield Mention(key=deed_key(key) if is_deed else key, text=text, kind=kind, is_weak=is_weak)


def written(words: Sequence[Token], *, is_capitalised: bool = False) -> str:
    """Return a phrase as a tag shows it; a capital beside a name's is part of the name (`High Life`, the film)."""
    shown = [
        text if _is_beside_name(words, index) else surface(text, tag, is_capitalised=is_capitalised)
        for index, (text, tag) in enumerate(words)
    ]
    return " ".join(shown).replace(" - ", "-").replace(" '", "'")


def _is_beside_name(words: Sequence[Token], index: int) -> bool:
    beside = [*words[max(0, index - 1) : index], *words[index + 1 : index + 2]]
    has_name = any(tag in PROPER and text[:1].isupper() for text, tag in beside)
    return has_name and words[index][0][:1].isupper()


def surface(text: str, tag: str, *, is_capitalised: bool = False) -> str:
    """Return a word as a tag shows it: names, acronyms and `iOS` as they are, all else in lower case."""
    if text[1:].lower() != text[1:] or not text.replace("-", "").isalpha():
        return text
    if tag in PROPER:
        return text[:1].upper() + text[1:] if is_capitalised else text
    return text.lower()

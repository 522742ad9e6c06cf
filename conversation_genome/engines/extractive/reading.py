"""Reading: a conversation read once, line by line, kept as small numbers for whatever is asked of it later."""

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from conversation_genome.conversation import Conversation
from conversation_genome.engines.extractive.cleaning import cleaned
from conversation_genome.engines.extractive.english import english_mentions
from conversation_genome.engines.extractive.english_tagger import is_known, tagged
from conversation_genome.engines.extractive.intents import feeling_mentions, intent_mentions
from conversation_genome.engines.extractive.language import ENGLISH, detected_language, is_unspaced
from conversation_genome.engines.extractive.mention import Kind, Mention
from conversation_genome.engines.extractive.other_languages import spaced_mentions, unspaced_mentions
from conversation_genome.engines.extractive.phrases import phrase_mentions
from conversation_genome.engines.extractive.spelling import mended, slips

_NAME_PART: Final = re.compile(r"[^\W_]{2,}")
_ADDRESSES: Final = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "mister",
        "sir",
        "madam",
        "miss",
        "don",
        "doña",
        "señor",
        "señora",
        "monsieur",
        "madame",
        "herr",
    ]
)
_MAX_ACRONYM: Final = 5
_LOUD_LETTERS: Final = 12
_FULL_WEIGHT_CHARACTERS: Final = 200


@dataclass(frozen=True, slots=True)
class Candidate:
    """A phrase of the talk that may become a tag."""

    key: str
    text: str
    kind: Kind
    is_weak: bool
    is_phrase: bool
    """Whether it is known as a longer phrase only (see `phrases`)."""
    count: int
    """Lines of the whole conversation that hold it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a conversation holds, line by line."""

    language: str
    texts: tuple[str, ...]
    """What was said in each line, without marks and links."""
    weights: tuple[float, ...]
    """How much each line says, in [0, 1]; 0 where nobody said anything that counts."""
    candidates: tuple[Candidate, ...]
    line_candidates: tuple[tuple[int, ...], ...]
    """Indexes into the candidates."""


def read(conversation: Conversation) -> Reading:
    """Read every line of a conversation once."""
    participants = frozenset(name.strip().lower() for name in conversation.participants)
    texts = tuple(_quiet(cleaned(line.text, participants)) for line in conversation.lines)
    language = detected_language(texts, conversation.language)
    mentions = _without_participants(_line_mentions(texts, language), conversation.participants)
    candidates, line_candidates = _numbered(mentions)
    return Reading(
        language=language,
        texts=texts,
        weights=tuple(map(_weight, texts)),
        candidates=candidates,
        line_candidates=line_candidates,
    )


def _quiet(text: str) -> str:
    """Return a line that is all capitals in lower case: there capitals name nothing."""
    return text.lower() if text.isupper() and len(text) >= _LOUD_LETTERS and " " in text else text


def _weight(text: str) -> float:
    """A long line says more than a short one, but not in proportion."""
    return math.sqrt(min(1.0, len(text) / _FULL_WEIGHT_CHARACTERS)) if len(text) > 2 else 0.0


def _line_mentions(texts: Sequence[str], language: str) -> Iterator[list[Mention]]:
    if language == ENGLISH:
        yield from _english_lines(texts)
        return
    for text in texts:
        if is_unspaced(text):
            yield list(unspaced_mentions(text, language))
        else:
            yield (
                list(spaced_mentions(text, language))
                if language not in {"ja", "zh"}
                else list(unspaced_mentions(text, language))
            )


def _english_lines(texts: Sequence[str]) -> Iterator[list[Mention]]:
    meant = slips(texts, is_known)
    spaced = ["" if is_unspaced(text) else mended(text, meant) for text in texts]
    for text, tokens in zip(texts, tagged(spaced), strict=True):
        yield (
            list(unspaced_mentions(text, detected_language([text])))
            if is_unspaced(text)
            else [
                *english_mentions(tokens),
                *intent_mentions(tokens),
                *feeling_mentions(tokens),
                *phrase_mentions(tokens),
            ]
        )


def _without_participants(lines: Iterable[list[Mention]], participants: Sequence[str]) -> Iterator[list[Mention]]:
    """Leave out the participants' own names: who takes part is no topic.

    A name is told from a topic by its capitals: in a meeting that has a `User Interface` taking part, the
    `user interface` is still talked about.
    """
    as_written = {part for name in participants for part in (name.strip(), *_NAME_PART.findall(name))}
    lower = {part.lower() for part in as_written}
    for mentions in lines:
        yield [mention for mention in mentions if not _is_participant(mention, as_written, lower)]


def _is_participant(mention: Mention, as_written: set[str], lower: set[str]) -> bool:
    """Return whether the words name who takes part, or address somebody (`Mr. Brown`)."""
    text, names = (mention.key, lower) if mention.kind is Kind.NAME else (mention.text, as_written)
    is_name = text in names or all(word in names for word in text.split())
    return is_name or mention.key.split()[0].rstrip(".") in _ADDRESSES


def _numbered(lines: Iterable[list[Mention]]) -> tuple[tuple[Candidate, ...], tuple[tuple[int, ...], ...]]:
    """Return the distinct candidates in order of appearance and, for each line, which it holds."""
    numbers: dict[str, int] = {}
    spellings: defaultdict[int, Counter[tuple[str, Kind, bool, bool]]] = defaultdict(Counter)
    line_candidates = []
    for mentions in lines:
        held: dict[int, None] = {}
        for mention in mentions:
            number = numbers.setdefault(mention.key, len(numbers))
            spellings[number][mention.text, mention.kind, mention.is_weak, mention.is_phrase] += 1
            held[number] = None
        line_candidates.append(tuple(held))
    counts = Counter(number for held_in in line_candidates for number in held_in)
    candidates = [_candidate(key, spellings[number], counts[number]) for key, number in numbers.items()]
    acronyms = _acronyms((one.text, one.count) for one in candidates)
    return tuple(_with_acronyms(one, acronyms) for one in candidates), tuple(line_candidates)


def _with_acronyms(candidate: Candidate, acronyms: Mapping[str, str]) -> Candidate:
    """Return a candidate whose acronyms are written as elsewhere in the talk: `nfl game` beside `NFL`."""
    words = candidate.text.split()
    if acronyms.keys().isdisjoint(words):
        return candidate
    return replace(candidate, text=" ".join(acronyms.get(word, word) for word in words))


def _is_as_expected(text: str, kind: Kind) -> bool:
    """Return whether a name has a capital, and all else none."""
    return text.islower() != (kind is Kind.NAME)


def _acronyms(spellings: Iterable[tuple[str, int]]) -> dict[str, str]:
    """Return the words that are acronyms at least every third time, by how they are written in lower case."""
    counts: defaultdict[str, Counter[bool]] = defaultdict(Counter)
    for text, count in spellings:
        for word in text.split():
            if word.isupper() or word.islower():
                counts[word.lower()][word.isupper()] += count
    return {
        word: word.upper()
        for word, seen in counts.items()
        if 1 < len(word) <= _MAX_ACRONYM and 0 < seen[False] <= 2 * seen[True]
    }


def _candidate(key: str, spellings: Counter[tuple[str, Kind, bool, bool]], count: int) -> Candidate:
    """Take the commonest spelling, of equally common ones that in lower case, but a name's; it is weak if it was so every time."""
    text, kind, *_ = max(spellings, key=lambda spelling: (spellings[spelling], _is_as_expected(*spelling[:2])))
    is_weak = all(weak for _, _, weak, _ in spellings)
    is_phrase = all(phrase for *_, phrase in spellings)
    return Candidate(key=key, text=text, kind=kind, is_weak=is_weak, is_phrase=is_phrase, count=count)

"""Containment: of what a model says only that is kept which the talk bears out.

A small model parrots its prompt, a large one may follow a line that it should not; so tags are cleaned like those
of the extractive engine and must be near in meaning to a line, and a fact must rest on lines of its own speaker.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from conversation_genome.annotation import MAX_EVIDENCE, MAX_TAG_CHARACTERS, Aspect, Fact
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.meaning_groups import plain_form
from conversation_genome.embedding.scales import scale_of
from conversation_genome.engines.extractive.cleaning import cleaned
from conversation_genome.engines.extractive.words import word_list
from conversation_genome.engines.llm.answers import GivenFact, GivenTag
from conversation_genome.engines.llm.transcript import Spoken
from conversation_genome.scoring.wording import is_latin

TAG_FLOOR: Final = 0.3
"""Cosine (on MiniLM's scale) of a tag with the line nearest to it, below which the tag is not about the talk (benchmarks/engines/llm/RESULTS.md)."""
FACT_FLOOR: Final = 0.25
"""Cosine of a fact with the nearest of the lines that it claims to rest on."""
MODEL_CONFIDENCE: Final = 0.8
"""Of a fact that a model states and its lines bear out."""
MAX_TAG_WORDS: Final = 6
_EDGES: Final = " \t.,;:!?'\"`*_#()[]-\N{EN DASH}\N{EM DASH}"
_ARTICLE: Final = re.compile(r"^(?:the|an?)\s+", re.IGNORECASE)
_SPEAKER: Final = re.compile(r"\b[Ss]peaker[ _]?\d+\b|\b[A-Z]{3,}(?:_[A-Z]+)*_\d+\b")
"""SPEAKER_0, and what stands in the place of personal data: EMAIL_1."""
_IS_SPEAKER: Final = re.compile(r"^SPEAKER_\d{1,4}$")
_BLANKS: Final = re.compile(r"\s+")
_BETWEEN_WORDS: Final = re.compile(r"[\s,;/|]+")
_LETTER: Final = re.compile(r"[^\W\d_]")
_NO_TAG: Final = frozenset(
    [
        "hello",
        "hey",
        "hi",
        "thanks",
        "thank you",
        "goodbye",
        "bye",
        "yeah",
        "yes",
        "no",
        "okay",
        "ok",
        "conversation",
        "chat",
        "the",
        "a",
        "an",
    ]
)


@dataclass(frozen=True, slots=True)
class GroundedTag:
    """A tag that the talk bears out."""

    text: str
    aspect: Aspect
    weight: float
    """In (0, 1]: by its place in the model's list and its nearness to the talk."""


def grounded_tags(
    given: Iterable[GivenTag], lines: Sequence[Spoken], participants: Iterable[str], embedder: Embedder
) -> list[GroundedTag]:
    """Return the tags that are words about these lines, in the model's order, each spelling once."""
    names = frozenset(part for name in participants for part in (name.strip(), *name.split()))
    kept: dict[str, tuple[str, Aspect]] = {}
    for tag in given:
        text = tag_text(tag.text)
        if text and not _is_name(text, names):
            kept.setdefault(plain_form(text), (text, tag.aspect))
    near_by = nearness([text for text, _ in kept.values()], [line.text for line in lines], embedder)
    grounded = [
        GroundedTag(text, aspect, round(_by_place(place) * min(1.0, 0.5 + near), 4))
        for place, ((text, aspect), near) in enumerate(zip(kept.values(), near_by, strict=True))
        if near >= TAG_FLOOR
    ]
    return sorted(grounded, key=lambda tag: -tag.weight)


def grounded_facts(given: Iterable[GivenFact], lines: Sequence[Spoken], embedder: Embedder) -> list[tuple[int, Fact]]:
    """Return (speaker, fact) for each fact that lines of that same speaker bear out."""
    own = {line.number: line for line in lines}
    kept: list[tuple[int, Fact]] = []
    for fact in given:
        text = _BLANKS.sub(" ", cleaned(fact.text)).strip(_EDGES)
        speaker = int(fact.speaker.rpartition("_")[2]) if _IS_SPEAKER.match(fact.speaker) else -1
        evidence = _evidence(text, speaker, fact.lines, own, embedder) if _LETTER.search(text) else ()
        if evidence:
            kept.append(
                (speaker, Fact(kind=fact.kind, text=text[:200], evidence=evidence, confidence=MODEL_CONFIDENCE))
            )
    return kept


def tag_text(text: str) -> str:
    """Return a tag's words as the extractive engine would clean them; empty where they are none or say nothing."""
    plain = _ARTICLE.sub("", cleaned(text).strip(_EDGES)).strip(_EDGES)
    words = [word for word in _BETWEEN_WORDS.split(plain.casefold()) if word]
    says_nothing = plain.casefold() in _NO_TAG or all(word in _empty_words() for word in words)
    is_tag = _LETTER.search(plain) and len(words) <= MAX_TAG_WORDS and len(plain) <= MAX_TAG_CHARACTERS
    if not is_tag or says_nothing or _SPEAKER.search(plain):
        return ""
    return plain


def _empty_words() -> frozenset[str]:
    return word_list("empty_heads") | word_list("weak_modifiers")


def _is_name(text: str, names: frozenset[str]) -> bool:
    """Tell whether a tag is a name as the participants write it; `user interface` is none of `User Interface`."""
    return text in names or all(word in names for word in text.split())


def _by_place(place: int) -> float:
    """Models list what is central first: the tenth tag weighs half of the first."""
    return 1 / (1 + place / 9)


def nearness(tags: Sequence[str], lines: Sequence[str], embedder: Embedder) -> list[float]:
    """Return each tag's cosine with the nearest line; 1 where a line holds it word for word."""
    if not tags or not lines:
        return [0.0] * len(tags)
    scale = scale_of(embedder.model)
    rows, columns = (embedder.embed(texts).astype(np.float64) for texts in (tags, lines))
    cosines = np.max(scale.of_passages(rows, columns), axis=1)
    said = f" {' '.join(plain_form(line) for line in lines)} "
    nearest = [float(near) if scale.reads(tag) else 0.0 for tag, near in zip(tags, cosines, strict=True)]
    return [1.0 if _is_said(plain_form(tag), said) else near for tag, near in zip(tags, nearest, strict=True)]


def _is_said(form: str, said: str) -> bool:
    """Tell whether a line holds the words; where blanks separate no words, whether it holds the letters."""
    return f" {form} " in said or (not is_latin(form) and form in said)


def _evidence(
    text: str, speaker: int, claimed: Iterable[int], own: Mapping[int, Spoken], embedder: Embedder
) -> tuple[int, ...]:
    """Return the claimed lines that are there and are the speaker's; none unless one of them is near the fact."""
    numbers = [number for number in dict.fromkeys(claimed) if number in own and own[number].speaker == speaker]
    near = nearness([text], [own[number].text for number in numbers], embedder)
    return tuple(sorted(numbers[:MAX_EVIDENCE])) if numbers and near[0] >= FACT_FLOOR else ()

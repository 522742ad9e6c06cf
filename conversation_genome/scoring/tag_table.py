"""The tag table: what each distinct tag of a window's answers is worth by itself."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import numpy as np

from conversation_genome.scoring.background import EMPTY_WORDS, background_spellings
from conversation_genome.scoring.passages import support
from conversation_genome.scoring.screening import spoken_words
from conversation_genome.scoring.similarity import FloatArray, VectorTable, ramp
from conversation_genome.scoring.window import WindowTruth, match_strengths
from conversation_genome.scoring.wording import spelling, stems, words

GROUNDED_WORTH: Final = 0.5
"""What a tag is worth at most that the window bears out and the references do not name."""
TOLERANCE: Final = 0.1
"""How far a tag may reach beyond the theme it names."""
SPOKEN_QUALITY: Final = 0.6
"""What is left of a tag that holds a word of sentences, such as "my" or "is"."""
MAX_TELLING_WORDS: Final = 5
MAX_SAID_WORDS: Final = 3
"""The same, of words that the window itself says: more of them are an utterance in another order."""
PART: Final = 0.7
"""What one word keeps of its match with a reference of which it says a vanishing part."""
GENERIC: Final = (0.60, 0.90)
"""Cosines with the background between which a tag goes from telling to generic."""


@dataclass(frozen=True, slots=True)
class TagTable:
    """Distinct tags of all answers to a window, each measured by itself: t tags, m references."""

    index: Mapping[str, int]
    vectors: FloatArray
    """Shape (t, d)."""
    cover: FloatArray
    """Shape (t, m): u, what each tag contributes to each theme, in [0, 1]."""
    matches: FloatArray
    """Shape (t, m): s, before anything is taken off."""
    value: FloatArray
    """Shape (t,): v, what each is worth, in [0, 1]."""
    borne: FloatArray
    """Shape (t, p): how well each passage of the window bears each tag out, in [0, 1]."""
    quality: FloatArray
    """Shape (t,): q, in [0, 1]; low for what fits any conversation."""

    @classmethod
    def of(cls, texts: Sequence[str], truth: WindowTruth, table: VectorTable) -> "TagTable":
        """Measure each distinct normalised tag against the window."""
        names = [item.text for item in truth.texts.references]
        matches = match_strengths(texts, names, truth.scale.carried_names(table.cosines(texts, names)), truth.scale)
        generic = truth.background.nearness(texts)
        quality = _quality(texts, generic, truth)
        unglued = _unglued(texts, truth)
        cover = _unblended(matches, truth.relatedness) * unglued * quality[:, None] * _whole(texts, truth)
        near = truth.scale.carried_passages(table.cosines(texts, truth.texts.passages))
        borne = support(texts, near, generic, truth.texts.surroundings.speech, truth.scale)
        borne *= (quality * unglued.max(axis=1, initial=0.0))[:, None]
        value = np.maximum(cover.max(axis=1, initial=0.0), GROUNDED_WORTH * borne.max(axis=1, initial=0.0))
        index = {text: row for row, text in enumerate(texts)}
        return cls(
            index=index,
            vectors=table.of(texts),
            cover=cover,
            matches=matches,
            value=value,
            borne=borne,
            quality=quality,
        )


def _unblended(matches: FloatArray, relatedness: FloatArray) -> FloatArray:
    """Return u without q: each match, cut where the tag reaches beyond the matched theme: shape (t, m)."""
    credit = np.empty_like(matches)
    themes = np.arange(matches.shape[1])
    for block in _blocks(*matches.shape):
        beyond = np.maximum(matches[block, None, :] - relatedness[None, :, :] - TOLERANCE, 0.0)
        beyond[:, themes, themes] = 0.0
        credit[block] = np.maximum(matches[block] - beyond.max(axis=2, initial=0.0), 0.0)
    return credit


def _blocks(tags: int, themes: int) -> Iterator[slice]:
    """Yield so many tags at a time that a number for each two themes of each takes no more than 8 MB."""
    step = max(1, 1_000_000 // max(1, themes * themes))
    yield from (slice(start, start + step) for start in range(0, tags, step))


def _unglued(texts: Sequence[str], truth: WindowTruth) -> FloatArray:
    """Return what is left of each match when a tag strings the words of unrelated references together: shape (t, m).

    1 / (1 + r)^2, where r counts the references unrelated to the matched one whose words the tag holds, each
    by the share of its words that are there beyond half; a reference itself is left alone.
    """
    kept = np.ones((len(texts), truth.weights.size))
    known = {spelling(item.text) for item in truth.texts.references}
    held = [telling_stems(text) for text in texts]
    rows = [row for row, text in enumerate(texts) if len(held[row]) > 1 and spelling(text) not in known]
    if not rows or not truth.weights.size:
        return kept
    wanted = [telling_stems(item.text) for item in truth.texts.references]
    shares = np.array([[len(held[row] & some) / len(some) if some else 0.0 for some in wanted] for row in rows])
    touched = np.where(shares >= 0.5, shares, 0.0)
    unrelated, foreign = 1.0 - truth.relatedness, np.empty_like(touched)
    for block in _blocks(*touched.shape):
        foreign[block] = np.sort(unrelated[None, :, :] * touched[block, None, :], axis=2).sum(axis=2)
    said = truth.texts.surroundings.stems
    brevity = [_brevity(len(held[row]), MAX_SAID_WORDS if held[row] <= said else MAX_TELLING_WORDS) for row in rows]
    kept[rows] = np.array(brevity)[:, None] / np.square(1.0 + foreign)
    return kept


def _whole(texts: Sequence[str], truth: WindowTruth) -> FloatArray:
    """Return what is left of each match when a tag is one word of a longer reference: shape (t, m).

    Its share of the reference's telling words, from PART up: "Paris" says less than "attractions in Paris".
    """
    kept = np.ones((len(texts), truth.weights.size))
    wanted = [telling_stems(item.text) for item in truth.texts.references]
    for row, text in enumerate(texts):
        held = telling_stems(text)
        if len(held) == 1:
            kept[row] = [PART + (1 - PART) / len(some) if held < some else 1.0 for some in wanted]
    return kept


def _brevity(telling: int, most: int) -> float:
    """Return 1 for up to so many telling words and less for each more: that is no name for one theme."""
    return max(0.2, min(1.0, 1.0 - 0.25 * (telling - most)))


def _quality(texts: Sequence[str], generic: FloatArray, truth: WindowTruth) -> FloatArray:
    """Return 1 for a telling tag, down to 0.05 for one that fits any conversation: shape (t,)."""
    quality = 1.0 - 0.6 * ramp(generic, *GENERIC)
    references = {item.text for item in truth.texts.references}
    for row, (text, is_unread) in enumerate(zip(texts, truth.scale.unread(texts), strict=True)):
        if is_unread or text in references:
            quality[row] = 1.0
        elif spelling(text) in background_spellings():
            quality[row] = 0.05
        elif spoken_words(words(text)):
            quality[row] *= SPOKEN_QUALITY
    return quality


@lru_cache(maxsize=8192)
def telling_stems(text: str) -> frozenset[str]:
    """Return the stems of a normalised text's words that name something."""
    return frozenset(stem for stem in stems(text) if stem not in EMPTY_WORDS)

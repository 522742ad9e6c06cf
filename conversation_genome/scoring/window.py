"""What a window's answers are measured against: prepared once, the same for every answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np

from conversation_genome.scoring.background import background_spellings, background_tags
from conversation_genome.scoring.passages import passages_of, share_covered, support
from conversation_genome.scoring.scale import Scale
from conversation_genome.scoring.screening import Surroundings, is_sound_reference
from conversation_genome.scoring.similarity import FloatArray, VectorTable, ramp, slope
from conversation_genome.scoring.wording import bigrams, normalise, overlap, spelling

MATCH: Final = (0.10, 0.80)
"""Cosines between which a tag goes from unrelated to the same theme (MiniLM: synonyms .65, lexical traps .47)."""
SAME: Final = (0.65, 0.92)
"""Cosines between which two tags go from neighbours to one theme said twice."""
LETTERS: Final = (0.10, 0.90)
"""Overlaps of letter pairs that do the work of MATCH where the model cannot read the script."""
INFLECTED: Final = 0.98
"""What a match is worth at least when only number, tense, hyphens or articles differ."""
GENERIC_WEIGHT: Final = 0.2
"""What a reference weighs that would fit any conversation, against one that would not."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One reference tag and how much it weighs."""

    text: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class WindowTexts:
    """A window's texts: what was said, and what is held true of it."""

    references: tuple[Reference, ...]
    """Screened, normalised, each spelling once, sorted by text."""
    passages: tuple[str, ...]
    surroundings: Surroundings

    @classmethod
    def of(cls, references: Iterable[Reference], utterances: Sequence[str], context: Sequence[str] = ()) -> Self:
        """Screen the ground truth by the rules that miners' tags go by, and gather the passages.

        Words that fit any conversation hardly weigh.
        """
        return cls(*_texts_of(tuple(references), tuple(utterances), tuple(context)))

    def to_embed(self) -> set[str]:
        """Return the texts of which vectors are needed, whatever the answers are."""
        return {item.text for item in self.references} | set(self.passages) | set(background_tags())


@lru_cache(maxsize=64)
def _texts_of(
    references: tuple[Reference, ...], utterances: tuple[str, ...], context: tuple[str, ...]
) -> tuple[tuple[Reference, ...], tuple[str, ...], Surroundings]:
    """Return what WindowTexts is made of: asked for twice of each window that is scored, and of its editions in turn."""
    spoken = (*utterances, *context)
    screening = Surroundings.of((), spoken)
    sound = [(normalise(item.text), item.weight) for item in references if is_sound_reference(item.text, screening)]
    kept = _once_each(
        (text, weight * GENERIC_WEIGHT if spelling(text) in background_spellings() else weight)
        for text, weight in sound
    )
    return kept, passages_of(utterances), screening.knowing(item.text for item in kept)


def _once_each(items: Iterable[tuple[str, float]]) -> tuple[Reference, ...]:
    best: dict[str, tuple[float, str]] = {}
    for text, weight in sorted(items, key=lambda item: (-item[1], item[0])):
        best.setdefault(spelling(text), (weight, text))
    return tuple(Reference(text, weight) for weight, text in sorted(best.values(), key=lambda item: item[1]))


class Background:
    """How near texts are to what fits any conversation: looked up once, however many editions name them."""

    def __init__(self, texts: Iterable[str], table: VectorTable, scale: Scale) -> None:
        """Measure texts against the background.

        Raises:
            ScoringInputError: If a vector is missing.
        """
        distinct = sorted(set(texts))
        nearness = scale.carried_names(table.cosines(distinct, background_tags())).max(axis=1, initial=0.0)
        self._nearness: dict[str, float] = dict(zip(distinct, nearness.tolist(), strict=True))

    def nearness(self, texts: Sequence[str]) -> FloatArray:
        """Return the largest cosine of each text with a background tag, at least 0: shape (len(texts),)."""
        return np.array([self._nearness[text] for text in texts], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class WindowTruth:
    """A window ready to be matched against: m references."""

    texts: WindowTexts
    background: Background
    weights: FloatArray
    """Shape (m,): each theme's share, sums to 1; near-equal references share one theme's weight."""
    relatedness: FloatArray
    """Shape (m, m): how much each reference matches each other one."""
    sameness: FloatArray
    """Shape (m, m): how much two references are one theme said twice."""
    speech_cover: float
    """Share of the window's speech that the references together bear on, in [0, 1]."""
    scale: Scale
    """How cosines are read."""

    @classmethod
    def of(cls, texts: WindowTexts, table: VectorTable, scale: Scale, background: Background) -> Self:
        """Prepare a window whose references the background knows.

        Raises:
            ScoringInputError: If a vector is missing.
        """
        names = [item.text for item in texts.references]
        alike = scale.carried_names(table.cosines(names, names))
        matches = match_strengths(names, names, alike, scale)
        near = scale.carried_passages(table.cosines(names, texts.passages))
        borne = support(names, near, background.nearness(names), texts.surroundings.speech, scale)
        return cls(
            texts=texts,
            background=background,
            weights=_theme_weights(texts.references, matches),
            relatedness=matches,
            sameness=ramp(alike, *SAME),
            speech_cover=share_covered(borne),
            scale=scale,
        )


def _theme_weights(references: Sequence[Reference], matches: FloatArray) -> FloatArray:
    raw = np.array([max(item.weight, 0.05) for item in references], dtype=np.float64)
    crowd = np.sort(matches, axis=1).sum(axis=1)
    shares: FloatArray = raw / np.maximum(crowd, 1.0)
    total = float(np.sort(shares).sum())
    return shares / total if total else shares


def match_strengths(rows: Sequence[str], columns: Sequence[str], alike: FloatArray, scale: Scale) -> FloatArray:
    """Return how far each pair of normalised texts names one theme: shape (n, m), in [0, 1].

    1 for equal texts, nearly 1 for inflections, the ramp over the cosine otherwise; where either text
    is in a script that the model cannot read, the overlap of letter pairs stands in for the cosine.

    Args:
        rows: n normalised texts.
        columns: m normalised texts.
        alike: How alike they are as the scale has it: shape (n, m).
        scale: Which scripts the model can read.
    """
    strengths = slope(alike, *MATCH)
    _compare_letters(strengths, rows, columns, scale)
    inflected: dict[str, list[int]] = {}
    for j, other in enumerate(columns):
        inflected.setdefault(spelling(other), []).append(j)
    strengths *= INFLECTED
    for i, text in enumerate(rows):
        for j in inflected.get(spelling(text), ()):
            strengths[i, j] = 1.0 if text == columns[j] else max(strengths[i, j], INFLECTED)
    return strengths


def _compare_letters(strengths: FloatArray, rows: Sequence[str], columns: Sequence[str], scale: Scale) -> None:
    foreign_rows, foreign_columns = scale.unread(rows), scale.unread(columns)
    if not any(foreign_rows) and not any(foreign_columns):
        return
    row_pairs, column_pairs = [bigrams(text) for text in rows], [bigrams(text) for text in columns]
    for i, is_foreign in enumerate(foreign_rows):
        for j, is_other_foreign in enumerate(foreign_columns):
            if is_foreign or is_other_foreign:
                shared = np.array(overlap(row_pairs[i], column_pairs[j]))
                strengths[i, j] = float(ramp(shared, *LETTERS))

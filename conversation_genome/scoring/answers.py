"""Answers: the one public way from answers to scores. No answer is looked at while another is graded."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from conversation_genome.annotation import MAX_TAGS, Profile
from conversation_genome.scoring.profiles import ProfileGrade, SpokenLine, grade_profiles
from conversation_genome.scoring.scale import MINILM, Scale
from conversation_genome.scoring.screening import Fault, Surroundings, fault_of
from conversation_genome.scoring.similarity import Vectors, VectorTable
from conversation_genome.scoring.tag_table import TagTable
from conversation_genome.scoring.tags import TagGrade, grade_tags
from conversation_genome.scoring.window import Background, Reference, WindowTexts, WindowTruth
from conversation_genome.scoring.wording import normalise, spelling

SCORING_VERSION: Final = "5"
"""Changes whenever an equal answer may get another score."""
PROFILE_WORTH: Final = 0.1
"""Share of the score that profiles decide, in proportion to what the tags are worth."""
JUDGE_COST: Final = 4
"""A tag that addresses the judge weighs as much as this many wrong ones."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one miner said of a window."""

    tags: tuple[str, ...] = ()
    profiles: tuple[Profile, ...] = ()
    notes: tuple[str, ...] = ()
    """What was found wrong before grading; repeated in the reasons."""
    sent: int = 0
    """How many tags were sent, where fewer were kept."""


@dataclass(frozen=True, slots=True)
class Grade:
    """What one answer earned, and why in plain words."""

    score: float
    """In [0, 1], rounded to six places."""
    reasons: tuple[str, ...]
    coverage: float = 0.0
    precision: float = 0.0
    profiles: float = 0.0


@dataclass(frozen=True, slots=True)
class Screened:
    """An answer after screening: its sound tags, and what became of the others."""

    sound: tuple[str, ...]
    """Normalised, each spelling once, sorted."""
    total: int
    """Tags in all, as precision counts them."""
    faults: Mapping[Fault, int]
    is_stuffed: bool


@dataclass(frozen=True, slots=True)
class ScoringWindow:
    """A window as scoring sees it."""

    references: tuple[Reference, ...]
    utterances: tuple[str, ...]
    lines: Mapping[int, SpokenLine] = field(default_factory=dict)
    """The lines that facts may cite, by the number under which they are cited."""
    context: tuple[str, ...] = ()
    """Lines of the same conversation outside the window: tags must not be copied from these either."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A window as some miners were shown it, with what these said: read and screened."""

    window: ScoringWindow
    answers: Mapping[str, Answer]
    texts: WindowTexts
    screened: Mapping[str, Screened]

    @classmethod
    def of(cls, window: ScoringWindow, answers: Mapping[str, Answer]) -> Self:
        """Read a window and screen its answers."""
        texts = WindowTexts.of(window.references, window.utterances, window.context)
        return cls(window, answers, texts, {name: screen(one, texts.surroundings) for name, one in answers.items()})

    def names(self) -> set[str]:
        """Return the sound tags and the references."""
        return {item.text for item in self.texts.references}.union(*(one.sound for one in self.screened.values()))

    def to_embed(self) -> set[str]:
        """Return the texts of which vectors are needed."""
        return self.texts.to_embed() | self.names()


def texts_to_embed(window: ScoringWindow, answers: Iterable[Answer]) -> list[str]:
    """Return the distinct texts of which `score_answers` needs vectors, sorted."""
    return sorted(Edition.of(window, {str(at): answer for at, answer in enumerate(answers)}).to_embed())


def score_answers(
    window: ScoringWindow,
    answers: Mapping[str, Answer],
    texts: Sequence[str],
    vectors: Vectors,
    *,
    scale: Scale = MINILM,
) -> dict[str, Grade]:
    """Return what each answer earns: the same bits in any order, any process, alone or among others.

    Args:
        window: What was said and what is held true of it.
        answers: Any number of answers, by name.
        texts: What `texts_to_embed` returned, for these answers or more.
        vectors: One unit vector a text: shape (len(texts), d).
        scale: How the cosines of the vectors' model are read.

    Raises:
        ScoringInputError: If a vector is missing or cannot be used.
    """
    return score_editions([Edition.of(window, answers)], texts, vectors, scale=scale)[0]


def score_editions(
    editions: Sequence[Edition], texts: Sequence[str], vectors: Vectors, *, scale: Scale = MINILM
) -> list[dict[str, Grade]]:
    """Return what each answer of each edition earns: the same bits as if every edition were scored alone.

    What editions have in common is measured once. That changes no bit, since cosines of quantised vectors are exact.

    Args:
        editions: Any number of editions, of one window or several.
        texts: All that is `to_embed` of them, or more.
        vectors: One unit vector a text: shape (len(texts), d).
        scale: How the cosines of the vectors' model are read.

    Raises:
        ScoringInputError: If a vector is missing or cannot be used.
    """
    lookup = VectorTable(texts, vectors)
    names = set().union(*(edition.names() for edition in editions))
    lookup.measure(names, set().union(*(edition.texts.to_embed() for edition in editions)))
    background = Background(names, lookup, scale)
    return [
        _score_edition(edition, WindowTruth.of(edition.texts, lookup, scale, background), lookup)
        for edition in editions
    ]


def _score_edition(edition: Edition, truth: WindowTruth, lookup: VectorTable) -> dict[str, Grade]:
    distinct = sorted({tag for answer in edition.screened.values() for tag in answer.sound})
    table = TagTable.of(distinct, truth, lookup)
    return {
        name: _grade(answer, edition.screened[name], truth, table, edition.window.lines)
        for name, answer in edition.answers.items()
    }


def screen(answer: Answer, surroundings: Surroundings) -> Screened:
    """Return what of an answer can be graded; an answer of more tags than the protocol allows is not read."""
    if len(answer.tags) > MAX_TAGS:
        return Screened((), max(answer.sent, len(answer.tags)), {}, is_stuffed=True)
    found = [(tag, fault_of(tag, surroundings)) for tag in answer.tags]
    faults = Counter(fault for _, fault in found if fault is not None)
    sound = _each_spelling_once((normalise(tag) for tag, fault in found if fault is None), surroundings.references)
    spelled_again = sum(fault is None for _, fault in found) - len(sound)
    total = len(answer.tags) + spelled_again + faults[Fault.JUDGE] * (JUDGE_COST - 1)
    return Screened(sound, total, dict(sorted(faults.items())), is_stuffed=False)


def _each_spelling_once(tags: Iterable[str], references: Container[str]) -> tuple[str, ...]:
    """Return one tag a spelling, sorted: the reference's own where it is among them."""
    best: dict[str, str] = {}
    for tag in sorted(set(tags), key=lambda text: (text not in references, text)):
        best.setdefault(spelling(tag), tag)
    return tuple(sorted(best.values()))


def _grade(
    answer: Answer, screened: Screened, truth: WindowTruth, table: TagTable, lines: Mapping[int, SpokenLine]
) -> Grade:
    if not truth.weights.size:
        return Grade(0.0, (*answer.notes, "no ground truth could be established for this window, so it pays nobody"))
    if screened.is_stuffed:
        why = f"{screened.total} tags were sent and {MAX_TAGS} are allowed, so none was read"
        return Grade(0.0, (*answer.notes, why))
    tags = grade_tags(screened.sound, screened.total, truth, table)
    profiles = grade_profiles(answer.profiles, lines)
    score = tags.score * (1 - PROFILE_WORTH + PROFILE_WORTH * profiles.score)
    reasons = (*answer.notes, *_reasons(screened, tags, profiles, truth=truth, table=table))
    return Grade(round(min(1.0, max(0.0, score)), 6), reasons, tags.coverage, tags.precision, profiles.score)


def _reasons(
    screened: Screened, tags: TagGrade, profiles: ProfileGrade, *, truth: WindowTruth, table: TagTable
) -> list[str]:
    if not screened.total:
        return ["no tags were sent"]
    reasons = [_coverage_reason(tags, truth), _precision_reason(screened, tags, table)]
    reasons += [f"{_count(count, 'tag')} earned nothing: {fault}" for fault, count in screened.faults.items()]
    generic = [tag for tag in screened.sound if table.quality[table.index[tag]] < 0.5]
    if generic:
        reasons.append(f"fits any conversation: {_quoted(generic)}")
    if tags.repeated > 0.1:
        reasons.append(f"themes were said more than once, which cost {tags.repeated:.0%} of the tags' worth")
    reasons.append(_profile_reason(profiles))
    return reasons


def _coverage_reason(tags: TagGrade, truth: WindowTruth) -> str:
    missed = np.argsort(-(truth.weights * (1 - tags.covered)), kind="stable")
    names = [truth.texts.references[int(j)].text for j in missed if tags.covered[j] < 0.3][:3]
    said = f"covers {tags.coverage:.0%} of the window's themes"
    return f"{said}; missed {_quoted(names)}" if names else said


def _precision_reason(screened: Screened, tags: TagGrade, table: TagTable) -> str:
    wrong = [tag for tag in screened.sound if table.value[table.index[tag]] < 0.15]
    said = f"{tags.precision:.0%} of its tags' worth is right and new"
    return f"{said}; nothing to do with it: {_quoted(wrong)}" if wrong else said


def _profile_reason(profiles: ProfileGrade) -> str:
    if not profiles.graded:
        return f"no facts about participants were sent, which forgoes up to {PROFILE_WORTH:.0%}"
    return f"{profiles.sound} of {_count(profiles.graded, 'fact')} about participants hold against the lines they cite"


def _quoted(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{name[:60]}'" for name in names[:3])
    return f"{shown} and {len(names) - 3} more" if len(names) > 3 else shown


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"

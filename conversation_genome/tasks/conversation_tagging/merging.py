"""Many graded answers become one record: what several miners say in different words is said once.

Tags are grouped by meaning over the whole conversation, so that a window and its conversation use the
same groups. An answer and its copies count once. Everything is a function of the *set* of answers: no order of theirs
changes a bit.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeVar

import numpy as np

from conversation_genome.annotation import MAX_EVIDENCE, MAX_FACTS, Aspect, Fact, FactKind, Profile, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.embedding.base import Embedder, FloatArray
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.embedding.meaning_groups import group_by_meaning, plain_form, strongest_first
from conversation_genome.embedding.scales import scale_of
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.quality.base import Quality
from conversation_genome.quality.reading import read_line_numbers
from conversation_genome.record import ConsensusTag, MergedRecord, WindowRecord

CONVERSATION_TAGS: Final = 20
WINDOW_TAGS: Final = 12
LOWEST_SCORE: Final = 0.15
"""An answer below it brings nothing in, even where none was better: stuffing and guessing end at .1."""
TRUSTED_SHARE: Final = 0.5
"""An answer is trusted from this share of its window's best score on; only trusted ones bring in a tag."""

_Choice = TypeVar("_Choice", str, Aspect)


@dataclass(frozen=True, slots=True)
class GradedAnswer:
    """An answer to one window and what it earned."""

    window_id: str
    miner_hotkey: str
    score: float
    """In [0, 1]."""
    answer: MinerAnswer
    """Unmasked: real participants, line numbers of the whole conversation."""
    author: str = ""
    """Whose answer it is where it was taken from another miner's; empty: its own."""

    @property
    def voice(self) -> str:
        """The miner that speaks in it: an answer and its copies are one voice."""
        return self.author or self.miner_hotkey


@dataclass(frozen=True, slots=True)
class _Vote:
    """One tag as one answer holds it."""

    window_id: str
    voice: str
    score: float
    tag: Tag
    group: str


def merge(
    conversation: Conversation,
    windows: Sequence[Window],
    answers: Sequence[GradedAnswer],
    *,
    embedder: Embedder,
    quality: Quality,
    miners: int,
    validators: int,
    scoring_version: str,
    merged_at: datetime,
) -> MergedRecord:
    """Return what the graded answers agree on; equal answers in any order give an equal record.

    A tag that only names somebody who takes part is left out: miners do not know the names, and who takes
    part is told by `participants`. The model of the conversation's language is called once: for the tags, the facts and the
    lines together.
    """
    embedder = embedder_for(embedder, conversation.language)
    scale = scale_of(embedder.model)
    trusted = [
        _without_names(graded, conversation.participants)
        for graded in _trusted(answers, {window.id for window in windows})
    ]
    tag_forms = strongest_first((plain_form(tag.text), graded.score * tag.weight) for graded, tag in _tags(trusted))
    fact_forms = strongest_first((plain_form(fact.text), graded.score) for graded, _, fact in _facts(trusted))
    texts = [conversation.lines[number].text for number in read_line_numbers(conversation)]
    vectors = embedder.embed([*tag_forms, *fact_forms, *texts])
    tag_vectors, fact_vectors, line_vectors = np.split(vectors, [len(tag_forms), len(tag_forms) + len(fact_forms)])
    votes = _votes(trusted, group_by_meaning(tag_forms, tag_vectors, scale))
    tags = _tags_by_window(votes, trusted)
    answer_counts = Counter(graded.window_id for graded in trusted)
    return MergedRecord(
        conversation=conversation.without_labels(),
        tags=tuple(_joined_tags(windows, votes, tags)[:CONVERSATION_TAGS]),
        windows=_window_records(windows, votes, tags, answer_counts),
        profiles=_profiles(conversation, trusted, group_by_meaning(fact_forms, fact_vectors, scale)),
        embedding=_unit_mean(line_vectors),
        embedding_model=embedder.model,
        quality=quality,
        miners=miners,
        validators=validators,
        scoring_version=scoring_version,
        merged_at=merged_at,
    )


def _trusted(answers: Sequence[GradedAnswer], window_ids: set[str]) -> list[GradedAnswer]:
    """Return the answers that count, in an order that only their content decides."""
    best: dict[str, float] = defaultdict(float)
    for graded in answers:
        best[graded.window_id] = max(best[graded.window_id], graded.score)
    kept = [
        graded
        for graded in answers
        if graded.window_id in window_ids and graded.score >= max(LOWEST_SCORE, TRUSTED_SHARE * best[graded.window_id])
    ]
    return sorted(kept, key=lambda graded: (graded.window_id, graded.miner_hotkey, graded.score, repr(graded.answer)))


def _without_names(graded: GradedAnswer, participants: Sequence[str]) -> GradedAnswer:
    names = {part for name in participants for part in (name.strip(), *name.split())}
    kept = tuple(tag for tag in graded.answer.tags if not _is_name(tag.text.strip(), names))
    return replace(graded, answer=graded.answer.model_copy(update={"tags": kept}))


def _is_name(text: str, names: AbstractSet[str]) -> bool:
    """Return whether a tag is a name as the participants write it; `user interface` is none of `User Interface`."""
    return text in names or all(word in names for word in text.split())


def _tags(answers: Iterable[GradedAnswer]) -> Iterable[tuple[GradedAnswer, Tag]]:
    return ((graded, tag) for graded in answers for tag in graded.answer.tags if plain_form(tag.text))


def _facts(answers: Iterable[GradedAnswer]) -> Iterable[tuple[GradedAnswer, str, Fact]]:
    return (
        (graded, profile.participant, fact)
        for graded in answers
        for profile in graded.answer.profiles
        for fact in profile.facts
        if plain_form(fact.text)
    )


def _votes(trusted: Sequence[GradedAnswer], groups: Mapping[str, str]) -> dict[str, list[_Vote]]:
    """Return the votes by window."""
    votes: dict[str, list[_Vote]] = defaultdict(list)
    for graded, tag in _tags(trusted):
        group = groups[plain_form(tag.text)]
        votes[graded.window_id].append(_Vote(graded.window_id, graded.voice, graded.score, tag, group))
    return votes


def _tags_by_window(
    votes: Mapping[str, Sequence[_Vote]], trusted: Sequence[GradedAnswer]
) -> dict[str, dict[str, ConsensusTag]]:
    """Return the tags of each window that has any, by group, best first.

    A tag's weight is the mean of the weights that the answers give it, each answer weighing its score
    and one that does not hold the tag giving it 0.
    """
    scores: dict[str, dict[str, float]] = defaultdict(dict)
    for graded in trusted:
        of_window = scores[graded.window_id]
        of_window[graded.voice] = max(of_window.get(graded.voice, 0.0), graded.score)
    return {window_id: _window_tags(held, math.fsum(scores[window_id].values())) for window_id, held in votes.items()}


def _window_tags(votes: Sequence[_Vote], total: float) -> dict[str, ConsensusTag]:
    by_group: dict[str, list[_Vote]] = defaultdict(list)
    for vote in votes:
        by_group[vote.group].append(vote)
    tags = {
        group: _consensus(held, math.fsum(_best_by_voice(held).values()) / total) for group, held in by_group.items()
    }
    return dict(sorted(tags.items(), key=lambda item: _rank(item[1])))


def _best_by_voice(votes: Iterable[_Vote]) -> dict[str, float]:
    """Return score times weight of each voice's strongest spelling: saying a thing twice, or copying it, adds nothing."""
    best: dict[str, float] = {}
    for vote in votes:
        best[vote.voice] = max(best.get(vote.voice, 0.0), vote.score * vote.tag.weight)
    return dict(sorted(best.items()))


def _consensus(votes: Sequence[_Vote], weight: float) -> ConsensusTag:
    return ConsensusTag(
        text=_elected((vote.tag.text.strip(), vote.score) for vote in votes),
        aspect=_elected((vote.tag.aspect, vote.score) for vote in votes),
        weight=min(1.0, weight),
        support=len({vote.voice for vote in votes}),
    )


def _elected(ballots: Iterable[tuple[_Choice, float]]) -> _Choice:
    """Return the choice with the highest sum of scores; equals go by the alphabet."""
    sums: dict[_Choice, list[float]] = defaultdict(list)
    for choice, score in ballots:
        sums[choice].append(score)
    return min(sums, key=lambda choice: (-math.fsum(sums[choice]), choice))


def _rank(tag: ConsensusTag) -> tuple[float, int, str]:
    return (-tag.weight, -tag.support, tag.text)


def _window_records(
    windows: Sequence[Window],
    votes: Mapping[str, Sequence[_Vote]],
    tags: Mapping[str, Mapping[str, ConsensusTag]],
    answers: Mapping[str, int],
) -> tuple[WindowRecord, ...]:
    """Return every window; one that nobody was asked about has what the answered windows inside it have together."""
    answered = [window for window in windows if answers.get(window.id)]
    records = []
    for window in windows:
        own = [window] if answers.get(window.id) else [inner for inner in answered if _is_inside(inner, window)]
        found = tags[window.id].values() if own == [window] and window.id in tags else _joined_tags(own, votes, tags)
        records.append(
            WindowRecord(
                window_id=window.id,
                level=window.level,
                start=window.start,
                end=window.end,
                thread=window.thread,
                lines=window.lines,
                tags=tuple(found)[:WINDOW_TAGS],
                answers=sum(answers[inner.id] for inner in own),
            )
        )
    return tuple(records)


def _is_inside(inner: Window, outer: Window) -> bool:
    return (
        inner.level > outer.level
        and outer.start <= inner.start
        and inner.end <= outer.end
        and outer.thread in (None, inner.thread)
    )


def _joined_tags(
    windows: Sequence[Window], votes: Mapping[str, Sequence[_Vote]], tags: Mapping[str, Mapping[str, ConsensusTag]]
) -> list[ConsensusTag]:
    """Return what several windows are about together, best first: strong where it stands, standing in much of them.

    A tag's weight is the geometric mean of its strongest window and of its mean over the windows that were
    answered, each window weighing its lines and each level the same.
    """
    by_group: dict[str, list[_Vote]] = defaultdict(list)
    for window in windows:
        for vote in votes.get(window.id, ()):
            by_group[vote.group].append(vote)
    shares = _window_shares([window for window in windows if window.id in tags])
    joined = []
    for group, held in by_group.items():
        weights = [(tags[id_][group].weight, shares[id_]) for id_ in sorted({vote.window_id for vote in held})]
        reach = math.fsum(weight * share for weight, share in weights)
        joined.append(_consensus(held, math.sqrt(max(weight for weight, _ in weights) * reach)))
    return sorted(joined, key=_rank)


def _window_shares(windows: Sequence[Window]) -> dict[str, float]:
    """Return each window's share of the whole; the shares sum to 1."""
    lines_by_level: dict[int, int] = defaultdict(int)
    for window in windows:
        lines_by_level[window.level] += len(window.numbers)
    return {window.id: len(window.numbers) / lines_by_level[window.level] / len(lines_by_level) for window in windows}


def _profiles(
    conversation: Conversation, trusted: Sequence[GradedAnswer], groups: Mapping[str, str]
) -> tuple[Profile, ...]:
    """Return one profile for each participant who spoke, in the order of the participants."""
    held: dict[tuple[str, FactKind, str], list[tuple[GradedAnswer, Fact]]] = defaultdict(list)
    for graded, participant, fact in _facts(trusted):
        held[participant, fact.kind, groups[plain_form(fact.text)]].append((graded, fact))
    own_lines: dict[str, set[int]] = defaultdict(set)
    for number, line in enumerate(conversation.lines):
        own_lines[conversation.participants[line.speaker]].add(number)
    facts: dict[str, list[Fact]] = defaultdict(list)
    for (participant, kind, _), claims in sorted(held.items()):
        facts[participant] += _fact(kind, claims, own_lines.get(participant, set()))
    return tuple(
        Profile(participant=participant, facts=tuple(sorted(facts[participant], key=_fact_rank)[:MAX_FACTS]))
        for participant in dict.fromkeys(conversation.participants)
        if participant in own_lines
    )


def _fact(kind: FactKind, claims: Sequence[tuple[GradedAnswer, Fact]], own_lines: set[int]) -> list[Fact]:
    """Return the united fact, or nothing when no line of the participant's own bears it out.

    Confidence is the noisy-or of the miners' score times confidence (Pearl 1988, sec. 4.3.2).
    """
    evidence = sorted({number for _, fact in claims for number in fact.evidence} & own_lines)
    if not evidence:
        return []
    belief: dict[str, float] = {}
    for graded, fact in claims:
        belief[graded.voice] = max(belief.get(graded.voice, 0.0), graded.score * fact.confidence)
    doubt = math.prod(1 - belief[voice] for voice in sorted(belief))
    text = _elected((fact.text.strip(), graded.score) for graded, fact in claims)
    return [Fact(kind=kind, text=text, evidence=tuple(evidence[:MAX_EVIDENCE]), confidence=1 - doubt)]


def _fact_rank(fact: Fact) -> tuple[float, int, str, str]:
    return (-fact.confidence, -len(fact.evidence), fact.kind, fact.text)


def _unit_mean(vectors: FloatArray) -> tuple[float, ...]:
    """Return the mean of unit vectors, shape (n, d) with n >= 1, at length 1 (the first where they cancel out)."""
    mean = vectors.mean(axis=0, dtype=np.float64)
    norm = float(np.linalg.norm(mean))
    unit = mean / norm if norm > 1e-12 else vectors[0].astype(np.float64)
    return tuple(float(value) for value in unit.astype(np.float32))

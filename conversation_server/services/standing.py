"""Standing: miners and validators by their newest answers, so that a page takes as long in a year as today."""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from conversation_genome.annotation import Outcome
from conversation_genome.protocol.reads import MinerAnswerPage, MinerAnswerSummary
from conversation_server.db import recent
from conversation_server.services.asked import ScoreParts, parts_of
from conversation_server.services.times import at

ANSWERS: Final = 10_000
"""The newest answers that standings are made from."""
HISTORY: Final = 120
"""Answers of one miner on one page."""
SHOWN: Final = 50


@dataclass(frozen=True, slots=True)
class MinerStanding:
    """One miner among the others."""

    hotkey: str
    uid: int
    answers: int
    outcomes: dict[Outcome, int]
    mean_score: float
    """Over all answers; one that was late, malformed or missing counts 0."""
    reward_share: float


@dataclass(frozen=True, slots=True)
class Judged:
    """One answer with the parts of its score."""

    answer: MinerAnswerSummary
    parts: ScoreParts


@dataclass(frozen=True, slots=True)
class MinerHistory:
    """One page of a miner's answers, oldest first, as plots want them."""

    hotkey: str
    answers: tuple[Judged, ...]
    outcomes: dict[Outcome, int]
    shared: int
    """Answers that divide one reward with others that say the same."""
    copies: int
    """Those of them that got less than half of it: others said it first."""
    mean_score: float
    next_cursor: str | None


@dataclass(slots=True)
class ValidatorStanding:
    """One validator among the others."""

    hotkey: str
    leases: dict[str, int] = field(default_factory=dict)
    """By state; those under which the newest answers came in."""
    answers: int = 0
    disagreements: int = 0
    greatest_difference: float = 0.0
    """Between a score that it claimed and the server's."""
    tag_agreements: list[float] = field(default_factory=list)
    score_differences: list[float] = field(default_factory=list)

    @property
    def tag_agreement(self) -> float | None:
        """Mean likeness of its ground truths to others'; None without any."""
        return _mean(self.tag_agreements)

    @property
    def score_difference(self) -> float | None:
        """Mean difference of its scores from others'; None without any."""
        return _mean(self.score_differences)


@dataclass(frozen=True, slots=True)
class Flag:
    """A claimed score that is not the server's."""

    conversation_id: str
    window_id: str
    validator: str
    miner: str
    claimed: float
    score: float
    scoring_version: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two validators agree on one conversation."""

    conversation_id: str
    validators: tuple[str, str]
    tags: float
    score_difference: float | None
    answers: int


@dataclass(frozen=True, slots=True)
class ValidatorBoard:
    """All validators of the newest answers, what they claimed and how far they agree."""

    validators: tuple[ValidatorStanding, ...]
    flags: tuple[Flag, ...]
    agreements: tuple[Agreement, ...]


def leaderboard(connection: Connection) -> tuple[MinerStanding, ...]:
    """Return the miners of the newest answers, highest reward first."""
    rows: dict[str, list[Any]] = defaultdict(list)
    for row in recent.miner_outcomes(connection, ANSWERS):
        rows[row[0]].append(row)
    total = math.fsum(row[4] for own in rows.values() for row in own)
    standings = [_miner(hotkey, own, total) for hotkey, own in rows.items()]
    return tuple(sorted(standings, key=lambda one: (-one.reward_share, -one.mean_score, one.uid, one.hotkey)))


def history(page: MinerAnswerPage) -> MinerHistory:
    """Return a page of answers, oldest first, with the parts of their scores."""
    judged = tuple(Judged(one, parts_of(one.reasons)) for one in reversed(page.answers))
    outcomes = {outcome: sum(one.answer.outcome == outcome for one in judged) for outcome in Outcome}
    return MinerHistory(
        hotkey=page.hotkey,
        answers=judged,
        outcomes={outcome: number for outcome, number in outcomes.items() if number},
        shared=sum(one.parts.shared is not None for one in judged),
        copies=sum(one.parts.shared is not None and one.parts.shared < 0.5 for one in judged),
        mean_score=_mean([one.answer.score for one in judged]) or 0.0,
        next_cursor=page.next_cursor,
    )


def validator_board(connection: Connection) -> ValidatorBoard:
    """Return the validators of the newest answers, most answers first."""
    board: dict[str, ValidatorStanding] = {}
    for hotkey, state, agrees, answers, leases, difference in recent.validator_claims(connection, ANSWERS):
        one = board.setdefault(hotkey, ValidatorStanding(hotkey))
        one.leases[state] = max(one.leases.get(state, 0), leases)
        one.answers += answers
        one.disagreements += 0 if agrees else answers
        one.greatest_difference = max(one.greatest_difference, difference or 0.0)
    agreements = tuple(
        Agreement(name, (first, second), tags, scores, answers)
        for name, first, second, tags, scores, answers in recent.agreements(connection, 10 * SHOWN)
    )
    for agreement in agreements:
        _add(board, agreement)
    return ValidatorBoard(
        validators=tuple(sorted(board.values(), key=lambda one: (-one.answers, one.hotkey))),
        flags=tuple(map(_flag, recent.disagreements(connection, ANSWERS, SHOWN))),
        agreements=agreements[:SHOWN],
    )


def _add(board: dict[str, ValidatorStanding], agreement: Agreement) -> None:
    for hotkey in agreement.validators:
        one = board.setdefault(hotkey, ValidatorStanding(hotkey))
        one.tag_agreements.append(agreement.tags)
        if agreement.score_difference is not None:
            one.score_differences.append(agreement.score_difference)


def _miner(hotkey: str, rows: Sequence[Any], all_rewards: float) -> MinerStanding:
    answers = sum(row[2] for row in rows)
    return MinerStanding(
        hotkey=hotkey,
        uid=max(row[5] for row in rows),
        answers=answers,
        outcomes={outcome: row[2] for outcome in Outcome for row in rows if row[1] == outcome},
        mean_score=math.fsum(row[3] or 0.0 for row in rows) / answers,
        reward_share=math.fsum(row[4] for row in rows) / all_rewards if all_rewards > 0 else 0.0,
    )


def _flag(row: Any) -> Flag:
    return Flag(
        conversation_id=row.conversation_id,
        window_id=row.window_id,
        validator=row.validator_hotkey,
        miner=row.miner_hotkey,
        claimed=row.claimed_score,
        score=row.score,
        scoring_version=row.scoring_version,
        at=at(row.submitted_at),
    )


def _mean(values: Sequence[float]) -> float | None:
    return math.fsum(values) / len(values) if values else None

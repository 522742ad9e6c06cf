"""Asked: what each miner answered to a window, what it was worth and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import Outcome, Profile, Tag
from conversation_genome.protocol.messages import MinerAnswer
from conversation_server.db import recent
from conversation_server.db.models import SubmissionRow
from conversation_server.services.times import at

ANSWERS: Final = 200
"""Answers to one window that are shown at most."""
_COVERAGE: Final = re.compile(r"^covers (\d+)% of the window's themes")
_PRECISION: Final = re.compile(r"^(\d+)% of its tags' worth is right and new")
_FACTS: Final = re.compile(r"^(\d+) of (\d+) facts? about participants hold")
_SHARED: Final = re.compile(r"^shares one reward with \d+ other answers?, of which it gets (\d+)%")


@dataclass(frozen=True, slots=True)
class ScoreParts:
    """What a score is made of, as its explanation tells."""

    coverage: float | None
    """Share of the window's themes that the tags cover."""
    precision: float | None
    """Share of the tags' worth that is right and new."""
    facts: float | None
    """Share of the facts that hold; None where none was sent."""
    shared: float | None
    """What it gets of a reward that it divides with answers that say the same: 1 for one that was copied, 0 for a copy;
    None where it stands for itself."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer of one miner."""

    miner: str
    uid: int
    validator: str
    outcome: Outcome
    detail: str
    score: float
    claimed_score: float
    agrees: bool
    reward: float | None
    standing: float | None
    seconds: float
    at: datetime
    reasons: tuple[str, ...]
    parts: ScoreParts
    tags: tuple[Tag, ...]
    profiles: tuple[Profile, ...]
    engine: str
    is_counted: bool
    """False under a lease that ran out or was given back."""


def parts_of(reasons: Sequence[str]) -> ScoreParts:
    """Return the parts that an explanation names."""
    facts = _first(_FACTS, reasons)
    return ScoreParts(
        coverage=_percent(_first(_COVERAGE, reasons)),
        precision=_percent(_first(_PRECISION, reasons)),
        facts=int(facts[1]) / max(1, int(facts[2])) if facts else None,
        shared=_percent(_first(_SHARED, reasons)),
    )


async def answers_to(session: AsyncSession, conversation: int, window_id: str) -> tuple[Answer, ...]:
    """Return what miners answered to a window, best first."""
    rows = await recent.answers_to_window(session, conversation, window_id, limit=ANSWERS)
    return tuple(_answer(row, state) for row, state in rows)


def _answer(row: SubmissionRow, state: str) -> Answer:
    reasons = tuple(orjson.loads(row.reasons))
    sent = MinerAnswer.model_validate_json(row.answer) if row.answer else None
    return Answer(
        miner=row.miner_hotkey,
        uid=row.miner_uid,
        validator=row.validator_hotkey,
        outcome=Outcome(row.outcome),
        detail=row.detail,
        score=row.score,
        claimed_score=row.claimed_score,
        agrees=row.agrees,
        reward=row.reward,
        standing=row.standing,
        seconds=row.seconds,
        at=at(row.submitted_at),
        reasons=reasons,
        parts=parts_of(reasons),
        tags=sent.tags if sent else (),
        profiles=sent.profiles if sent else (),
        engine=sent.engine if sent else "",
        is_counted=state in ("held", "completed"),
    )


def _first(pattern: re.Pattern[str], reasons: Sequence[str]) -> re.Match[str] | None:
    return next((found for reason in reasons if (found := pattern.match(reason))), None)


def _percent(found: re.Match[str] | None) -> float | None:
    return None if found is None else int(found[1]) / 100

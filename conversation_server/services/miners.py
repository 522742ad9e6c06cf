"""Miners as the server knows them: what they answered, what it was worth, what they earned."""

import math
from collections import defaultdict

import orjson
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import Outcome
from conversation_genome.errors import NotFoundError
from conversation_genome.protocol.reads import MinerAnswerPage, MinerAnswerSummary, MinerList, MinerStanding
from conversation_server.db import submissions
from conversation_server.db.models import SubmissionRow
from conversation_server.db.submissions import MinerTotals
from conversation_server.services.reading import number_of
from conversation_server.services.times import at


class Miners:
    """What is shown of miners, inside one transaction."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def standings(self) -> MinerList:
        """Return every miner that was asked, highest reward first."""
        by_miner: dict[str, list[MinerTotals]] = defaultdict(list)
        for totals in await submissions.totals_by_miner(self._session):
            by_miner[totals.hotkey].append(totals)
        newest = {hotkey: max(one.last for one in all_) for hotkey, all_ in by_miner.items()}
        uids = await submissions.uids(self._session, list(newest.values()))
        total = math.fsum(one.reward for all_ in by_miner.values() for one in all_)
        standings = [_standing(hotkey, uids[newest[hotkey]], all_, total) for hotkey, all_ in by_miner.items()]
        return MinerList(miners=tuple(sorted(standings, key=lambda one: (-one.reward_share, -one.mean_score, one.uid))))

    async def answers(self, hotkey: str, *, cursor: str | None, limit: int) -> MinerAnswerPage:
        """Return one page of a miner's answers, newest first.

        Raises:
            NotFoundError: If there is no answer of this hotkey.
        """
        before = number_of(cursor)
        rows = await submissions.page_of_miner(self._session, hotkey, before=before, limit=limit + 1)
        if not rows and before is None:
            raise NotFoundError(f"no answer of miner {hotkey[:100]!r} was submitted")
        return MinerAnswerPage(
            hotkey=hotkey,
            answers=tuple(_answer(row, conversation_id) for row, conversation_id in rows[:limit]),
            next_cursor=str(rows[limit - 1][0].seq) if len(rows) > limit else None,
        )


def without_what_is_not_its_own(page: MinerAnswerPage) -> MinerAnswerPage:
    """Return a page as the miner itself may see it: what its answers were worth, once their reward is divided.

    Left out is what tells which tasks are of one conversation, and the reasons, which name tags of the ground truth: the same window
    may be asked about again by another validator.
    """
    hidden = {"submission_id": "", "conversation_id": "", "window_id": "", "reasons": ()}
    settled = (one.model_copy(update=hidden) for one in page.answers if one.reward is not None)
    return page.model_copy(update={"answers": tuple(settled)})


def _standing(hotkey: str, uid: int, totals: list[MinerTotals], all_rewards: float) -> MinerStanding:
    answers = sum(one.answers for one in totals)
    reward = math.fsum(one.reward for one in totals)
    return MinerStanding(
        hotkey=hotkey,
        uid=uid,
        answers=answers,
        outcomes={Outcome(one.outcome): one.answers for one in totals},
        mean_score=math.fsum(one.score for one in totals) / answers,
        reward_share=reward / all_rewards if all_rewards > 0 else 0.0,
    )


def _answer(row: SubmissionRow, conversation_id: str) -> MinerAnswerSummary:
    return MinerAnswerSummary(
        submission_id=row.id,
        conversation_id=conversation_id,
        window_id=row.window_id,
        validator_hotkey=row.validator_hotkey,
        outcome=Outcome(row.outcome),
        detail=row.detail,
        score=row.score,
        claimed_score=row.claimed_score,
        agrees=row.agrees,
        reasons=tuple(orjson.loads(row.reasons)),
        reward=row.reward,
        standing=row.standing,
        seconds=row.seconds,
        submitted_at=at(row.submitted_at),
    )

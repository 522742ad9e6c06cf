"""Merging: a completed conversation becomes one record and is made searchable.

The work to do is the conversations that are `completed` in the database: a server that is killed in the
middle begins that conversation anew at its next start, and arrives at the same record.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog
from sqlalchemy import Connection

from conversation_genome.annotation import GroundTruth, Outcome
from conversation_genome.protocol.messages import MinerAnswer
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.quality.assessment import assess
from conversation_genome.record import MergedRecord
from conversation_genome.tasks.conversation_tagging.merging import GradedAnswer, merge
from conversation_genome.tasks.sharing import authors_of
from conversation_genome.tracing import span
from conversation_server.db import agreements, conversations, leases, merged, queue, submissions
from conversation_server.db.database import Database
from conversation_server.db.leases import HeldLease
from conversation_server.db.locks import MERGING
from conversation_server.db.models import AgreementRow
from conversation_server.db.submissions import Answered
from conversation_server.services.agreement import agreements_between
from conversation_server.services.completing import evidence_of
from conversation_server.services.grading import Case, CaseText, read_case
from conversation_server.services.publishing import shown
from conversation_server.services.times import at
from conversation_server.services.tools import Tools, in_thread

POLL_SECONDS: Final = 2.0
MAX_ATTEMPTS: Final = 5
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Graded:
    """A completed conversation with all that goes into its record."""

    number: int
    conversation_id: str
    attempts: int
    text: CaseText
    """With the ground truth of the last who graded it."""
    truths: Mapping[str, str]
    """What each who graded it holds true, as JSON by the lease's id."""
    leases: Sequence[HeldLease]
    answers: Sequence[Answered]


class Merger:
    """Merges what is completed, one conversation after the other."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._tools = tools
        self._wake = asyncio.Event()
        self._turn = asyncio.Lock()
        self.merged = 0
        self.failures = 0

    def wake(self) -> None:
        """Say that there is something to do."""
        self._wake.set()

    async def run(self) -> None:
        """Merge for ever; ends when its task is cancelled."""
        while True:
            self._wake.clear()
            try:
                await self._close_overdue()
                while await self.merge_next():
                    pass
            except Exception:  # noqa: BLE001 - the edge of a loop that must not end
                _log.exception("merging is held up")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(POLL_SECONDS):  # asyncio.wait_for may swallow the cancellation
                    await self._wake.wait()

    async def merge_next(self) -> bool:
        """Merge the next completed conversation; False if there is none, or another server is merging."""
        async with self.undisturbed() as is_alone:
            graded = await self._next() if is_alone else None
            if graded is not None:
                await self._attempt(graded)
            return graded is not None

    @contextlib.asynccontextmanager
    async def undisturbed(self) -> AsyncIterator[bool]:
        """Yield whether no other server of this database merges; neither does this one while the block lasts."""
        async with self._turn, self._database.alone(MERGING) as is_alone:
            yield is_alone

    async def _close_overdue(self) -> None:
        async with self._database.write() as session:
            closed = await queue.close_overdue(session, now=self._tools.clock())
        if closed:
            _log.info("conversations are merged without waiting for further validators", conversations=closed)

    async def _attempt(self, graded: Graded) -> None:
        try:
            with span("merge", cgp__leases=" ".join(lease.id for lease in graded.leases)):
                record, found = await in_thread(self._tools.merging, self._merge, graded)
                await self._publish(graded, record, found)
        except Exception as exc:  # noqa: BLE001 - the edge: one conversation must not hold up the others
            _log.exception("a conversation could not be merged", conversation=graded.conversation_id)
            await self._postpone(graded, exc)

    async def _next(self) -> Graded | None:
        return await self._database.transact(partial(_next, now=self._tools.clock()), is_write=False)

    def _merge(self, graded: Graded) -> tuple[MergedRecord, list[AgreementRow]]:
        case = read_case(graded.text, self._tools)
        conversation = case.conversation.without_labels()
        scored = [answer for answer in graded.answers if answer.outcome == Outcome.SCORED and answer.answer]
        record = merge(
            conversation,
            tuple(case.windows.values()),
            _graded_answers(case, scored),
            embedder=self._tools.embedder,
            quality=assess(conversation, self._tools.embedder),
            miners=len({answer.miner_hotkey for answer in scored}),
            validators=len({lease.holder for lease in graded.leases}),
            scoring_version=case.task_type.scoring_version,
            merged_at=at(self._tools.clock()),
        )
        record = shown(record, self._tools.settings)
        self._tools.index.upsert(record)
        truths = {lease: GroundTruth.model_validate_json(body) for lease, body in graded.truths.items()}
        return record, agreements_between(graded.leases, truths, graded.answers, self._tools.embedder)

    async def _publish(self, graded: Graded, record: MergedRecord, found: Sequence[AgreementRow]) -> None:
        is_there = await self._database.transact(
            partial(_store, graded=graded, record=record, found=found), is_write=True
        )
        if is_there:
            self.merged += 1
            _log.info("published", conversation=graded.conversation_id, leases=[lease.id for lease in graded.leases])
        else:  # deleted while it was merged
            await in_thread(self._tools.merging, self._tools.index.delete, graded.conversation_id)

    async def _postpone(self, graded: Graded, exc: Exception) -> None:
        self.failures += 1
        attempts = graded.attempts + 1
        state = ConversationState.FAILED if attempts >= MAX_ATTEMPTS else ConversationState.COMPLETED
        change = partial(
            conversations.set_columns,
            number=graded.number,
            state=state,
            merge_attempts=attempts,
            merge_after=self._tools.clock() + 2.0**attempts,
            detail=f"merging failed ({attempts} of {MAX_ATTEMPTS}): {type(exc).__name__}: {exc}"[:500],
        )
        await self._database.transact(change, is_write=True)


def _next(connection: Connection, *, now: float) -> Graded | None:
    row = conversations.next_to_merge(connection, now=now)
    if row is None:
        return None
    completed = leases.completed(connection, row.number)
    truths = {one.id: leases.ground_truth(connection, one.id) for one in completed}
    out = leases.handed_out(connection, row.number)
    return Graded(
        number=row.number,
        conversation_id=row.id,
        attempts=row.attempts,
        text=CaseText(completed[-1].task_type, out.record, out.leased_windows, truths[completed[-1].id]),
        truths=truths,
        leases=completed,
        answers=submissions.answered(connection, list(truths)),
    )


def _store(connection: Connection, *, graded: Graded, record: MergedRecord, found: Sequence[AgreementRow]) -> bool:
    """Store a record and return True; False if its conversation was deleted while it was merged."""
    if not conversations.is_there(connection, graded.number):
        return False
    merged.store(connection, _merged_values(graded.number, record), _tag_values(graded.number, record))
    agreements.store(connection, graded.number, found)
    conversations.set_columns(connection, graded.number, state=ConversationState.PUBLISHED, detail="", merge_attempts=0)
    return True


def _graded_answers(case: Case, rows: Sequence[Answered]) -> list[GradedAnswer]:
    """Return the answers, each with its author where it was copied; each lease's are compared among themselves."""
    by_lease: dict[str, dict[str, list[Answered]]] = {}
    for row in rows:
        by_lease.setdefault(row.lease, {}).setdefault(row.window_id, []).append(row)
    authors = {
        lease: authors_of({window_id: evidence_of(case, own) for window_id, own in windows.items()})
        for lease, windows in by_lease.items()
    }
    return [_graded_answer(row, authors[row.lease].get((row.window_id, row.miner_hotkey), "")) for row in rows]


def _graded_answer(row: Answered, author: str) -> GradedAnswer:
    return GradedAnswer(
        window_id=row.window_id,
        miner_hotkey=row.miner_hotkey,
        score=row.score,
        answer=MinerAnswer.model_validate_json(row.answer or ""),
        author=author,
    )


def _merged_values(number: int, record: MergedRecord) -> dict[str, object]:
    return {"conversation": number, "body": record.model_dump_json(), "merged_at": record.merged_at.timestamp()}


def _tag_values(number: int, record: MergedRecord) -> list[dict[str, object]]:
    return [
        {
            "conversation": number,
            "position": position,
            "text": tag.text,
            "aspect": tag.aspect,
            "support": tag.support,
        }
        for position, tag in enumerate(record.tags)
    ]

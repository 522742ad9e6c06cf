"""Reading: what the operator, the local network and the console are shown."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import orjson
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import Aspect, Outcome
from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, NotFoundError
from conversation_genome.privacy.masking import masked
from conversation_genome.protocol.messages import LeasedWindow
from conversation_genome.protocol.reads import (
    ConversationDetail,
    ConversationPage,
    ConversationState,
    ConversationSummary,
    MergedTag,
    QualityFigures,
    ServerStats,
    TagCount,
    TagList,
    ValidatorAgreement,
    WindowTags,
)
from conversation_genome.record import ConsensusTag, MergedRecord
from conversation_server.db import agreements, conversations, merged, submissions
from conversation_server.db.models import AgreementRow, ConversationRow, MergedRow, RecordRow
from conversation_server.services.leasing import WINDOWS
from conversation_server.services.times import at
from conversation_server.services.tools import Tools, in_thread

_DONE: Final = (ConversationState.COMPLETED, ConversationState.PUBLISHED, ConversationState.FAILED)


class Reading:
    """What is shown of conversations and tags, inside one transaction."""

    def __init__(self, session: AsyncSession, tools: Tools) -> None:
        self._session = session
        self._tools = tools

    async def conversations(
        self, *, state: ConversationState | None, cursor: str | None, limit: int
    ) -> ConversationPage:
        """Return one page of conversations in the order of their import.

        Raises:
            InputError: If the cursor is none.
        """
        rows = await conversations.page(self._session, state=state, after=number_of(cursor) or 0, limit=limit + 1)
        connection = await self._session.connection()
        totals = await connection.run_sync(conversations.totals)
        return ConversationPage(
            conversations=tuple(summary(row) for row in rows[:limit]),
            next_cursor=str(rows[limit - 1].seq) if len(rows) > limit else None,
            totals={each: totals.get(each, (0, 0, 0))[0] for each in ConversationState},
        )

    async def conversation(self, conversation_id: str, *, with_labels: bool) -> ConversationDetail:
        """Return all that is known of a conversation; whoever may not see labels sees it masked, where that is set.

        Raises:
            NotFoundError: If there is none with this id.
        """
        row = await self.row(conversation_id)
        record = await conversations.record_of(self._session, row.seq)
        known = await merged.of_conversation(self._session, row.seq)
        agreed = await agreements.of_conversation(self._session, row.seq)
        labels = orjson.loads(record.labels) if with_labels else {}
        is_masked = self._tools.settings.server_mask_published and not with_labels
        body = await in_thread(self._tools.reading, _masked, record.body) if is_masked else orjson.loads(record.body)
        return _detail(row, record, known, agreed, body={**body, "labels": labels})

    async def row(self, conversation_id: str) -> ConversationRow:
        """Return a conversation by its id.

        Raises:
            NotFoundError: If there is none with this id.
        """
        row = await conversations.with_id(self._session, conversation_id)
        if row is None:
            raise NotFoundError(f"there is no conversation {conversation_id[:300]!r}")
        return row

    async def tags(self, *, containing: str | None, limit: int) -> TagList:
        """Return tags, most conversations first."""
        counts = await merged.tag_counts(self._session, containing=containing, limit=limit)
        return TagList(
            tags=tuple(
                TagCount(text=text, aspect=Aspect(aspect), conversations=count, support=support)
                for text, aspect, count, support in counts
            )
        )


def count_all(connection: Connection) -> ServerStats:
    """Return the counts that a progress bar needs."""
    totals, tallies = conversations.totals(connection), submissions.tallies(connection)
    handed_out = [counts for state, counts in totals.items() if state != ConversationState.TOO_SHORT]
    answers: Counter[Outcome] = Counter()
    for one in tallies:
        answers[Outcome(one.outcome)] += one.answers
    return ServerStats(
        conversations={state: totals.get(state, (0, 0, 0))[0] for state in ConversationState},
        windows=sum(windows for _, windows, _ in handed_out),
        tasks=sum(tasks for _, _, tasks in handed_out),
        tasks_done=sum(totals.get(state, (0, 0, 0))[2] for state in _DONE),
        answers=dict(answers),
        miners=len({one.miner for one in tallies}),
        disagreements=sum(one.answers - one.agreements for one in tallies),
    )


def number_of(cursor: str | None) -> int | None:
    """Return the number that a cursor stands for.

    Raises:
        InputError: If it is none of ours.
    """
    if cursor is None:
        return None
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 19):
        raise InputError(f"{cursor[:40]!r} is no cursor; give back the next_cursor of the page before")
    return int(cursor)


def summary(row: ConversationRow) -> ConversationSummary:
    """Return a conversation as lists show it."""
    return ConversationSummary(
        id=row.id,
        source=row.source,
        language=row.language,
        lines=row.lines,
        participants=row.participants,
        windows=row.windows,
        state=ConversationState(row.state),
        attempts=row.attempts,
        detail=row.detail,
        imported_at=at(row.imported_at),
    )


def _detail(
    row: ConversationRow,
    record: RecordRow,
    merged_row: MergedRow | None,
    agreed: Sequence[AgreementRow],
    *,
    body: dict[str, Any],
) -> ConversationDetail:
    windows = WINDOWS.validate_json(record.windows)
    known = MergedRecord.model_validate_json(merged_row.body) if merged_row else None
    by_window = {one.window_id: (one.tags, one.answers) for one in known.windows} if known else {}
    return ConversationDetail(
        summary=summary(row),
        record=body,
        windows=tuple(_window(window, *by_window.get(window.window_id, ((), 0))) for window in windows),
        tags=_tags(known.tags) if known else (),
        profiles=known.profiles if known else (),
        quality=QualityFigures.model_validate(known.quality.model_dump()) if known else None,
        miners=known.miners if known else 0,
        validators=known.validators if known else 0,
        agreements=tuple(map(_agreement, agreed)),
        merged_at=known.merged_at if known else None,
    )


def _masked(body: str) -> dict[str, Any]:
    return masked(Conversation.from_record(orjson.loads(body))).to_record()


def _agreement(row: AgreementRow) -> ValidatorAgreement:
    return ValidatorAgreement(
        validators=(row.first_holder, row.second_holder),
        tags=row.tags,
        score_difference=row.scores,
        answers=row.answers,
    )


def _window(window: LeasedWindow, tags: tuple[ConsensusTag, ...], answers: int) -> WindowTags:
    return WindowTags(**window.model_dump(), tags=_tags(tags), answers=answers)


def _tags(tags: tuple[ConsensusTag, ...]) -> tuple[MergedTag, ...]:
    return tuple(MergedTag(text=tag.text, aspect=tag.aspect, weight=tag.weight, support=tag.support) for tag in tags)

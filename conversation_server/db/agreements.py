"""How far validators agree who graded the same conversation."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, delete, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import AgreementRow


async def store(session: AsyncSession, conversation: int, rows: Sequence[AgreementRow]) -> None:
    """Put the agreements on a conversation in, in place of those before them."""
    await session.execute(delete(AgreementRow).where(AgreementRow.conversation == conversation))
    session.add_all(rows)
    await session.flush()


async def of_conversation(session: AsyncSession, conversation: int) -> Sequence[AgreementRow]:
    """Return the agreements on a conversation, in the order in which they were made."""
    rows = await session.scalars(
        select(AgreementRow)
        .where(AgreementRow.conversation == conversation)
        .order_by(AgreementRow.first, AgreementRow.second)
    )
    return rows.all()


def by_holder(connection: Connection) -> dict[str, tuple[float, float | None]]:
    """Return each validator's mean agreement with the others: (of the tags, of the scores)."""
    return {holder: (tags, scores) for holder, tags, scores in connection.execute(_BY_HOLDER)}


_SIDES: Final = union_all(
    select(AgreementRow.first_holder.label("holder"), AgreementRow.tags, AgreementRow.scores),
    select(AgreementRow.second_holder.label("holder"), AgreementRow.tags, AgreementRow.scores),
).subquery()
_BY_HOLDER: Final = select(_SIDES.c.holder, func.avg(_SIDES.c.tags), func.avg(_SIDES.c.scores)).group_by(
    _SIDES.c.holder
)

"""How far validators agree who graded the same conversation."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, insert, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_server.db.models import AgreementRow, table_of

_AGREEMENTS: Final = table_of(AgreementRow)
_FORGET: Final = delete(_AGREEMENTS).where(_AGREEMENTS.c.conversation == bindparam("of_conversation"))
_ADD: Final = insert(_AGREEMENTS)


def store(connection: Connection, conversation: int, rows: Sequence[AgreementRow]) -> None:
    """Put the agreements on a conversation in, in place of those before them."""
    connection.execute(_FORGET, {"of_conversation": conversation})
    if rows:
        names = _AGREEMENTS.c.keys()
        connection.execute(_ADD, [{name: getattr(row, name) for name in names} for row in rows])


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

"""Conversations: the list, one of them with all that is known of it, and its deletion."""

from dataclasses import dataclass
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from conversation_genome.conversation import TASK_LEVEL
from conversation_genome.errors import InputError
from conversation_genome.protocol.administration import Scope
from conversation_genome.protocol.reads import ConversationDetail, ConversationState, WindowTags
from conversation_server.services.asked import answers_to
from conversation_server.services.browsing import Wanted, choices, listing
from conversation_server.web.guards import LoggedIn, SentForm
from conversation_server.web.rendering import page

router = APIRouter(prefix="/conversations")
LINES: Final = 400
"""Lines of a conversation on one page."""
MAX_TEXT: Final = 200


@dataclass(frozen=True, slots=True)
class ShownLine:
    """One line as the page shows it."""

    number: int
    speaker: int
    name: str
    text: str
    thread: int | None
    windows: tuple[WindowTags, ...]
    """The level-2 windows that it belongs to."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines under one heading: a level-1 window, or what none of them holds."""

    window: WindowTags | None
    lines: tuple[ShownLine, ...]


@router.get("")
async def list_conversations(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """List conversations, newest first, narrowed as the form says."""
    asked = {name: request.query_params.get(name, "").strip()[:MAX_TEXT] for name in Wanted.__slots__}
    if asked["state"] and asked["state"] not in set(ConversationState):
        raise InputError(f"{asked['state']!r} is no state of a conversation")
    wanted = Wanted(**asked)
    async with visitor.server.read() as work:
        found = await listing(work.session, wanted, request.query_params.get("cursor"))
    known = await visitor.server.database.transact(choices, is_write=False)
    return page(
        "conversations",
        visitor=visitor,
        found=found,
        wanted=asked,
        known=known,
    )


@router.get("/{conversation_id:path}")
async def show_conversation(conversation_id: str, request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show everything that is known of a conversation, and what miners answered to one of its windows."""
    is_administrator = visitor.holder.may(Scope.ADMIN)
    async with visitor.server.read() as work:
        detail = await work.reading.conversation(conversation_id, with_labels=is_administrator)
        tasks = [window for window in detail.windows if window.level == TASK_LEVEL]
        chosen = _chosen(tasks, request.query_params.get("window", ""))
        answers: tuple[Any, ...] = ()
        if chosen is not None and is_administrator:
            row = await work.reading.row(conversation_id)
            answers = await answers_to(work.session, row.seq, chosen.window_id)
    first = _first_line(request.query_params.get("from", ""), len(detail.record["lines"]))
    return page(
        "conversation",
        visitor=visitor,
        detail=detail,
        tasks=tasks,
        chosen=chosen,
        answers=answers,
        first=first,
        lines=LINES,
        stretches=_stretches(detail, first, LINES),
        marks=[window.start for window in detail.windows if window.level == 1 and window.start],
    )


@router.post("/delete")
async def delete_conversation(form: SentForm) -> HTMLResponse:
    """Remove a conversation from everywhere, and show the receipt."""
    conversation_id = form.fields.get("id", [""])[-1]
    async with form.visitor.act("conversation.delete", conversation_id):
        form.visitor.holder.need(Scope.ADMIN)
        receipt = await form.visitor.server.delete(conversation_id)
    return page("deleted", visitor=form.visitor, receipt=receipt)


def _chosen(tasks: list[WindowTags], window_id: str) -> WindowTags | None:
    return next((window for window in tasks if window.window_id == window_id), tasks[0] if tasks else None)


def _first_line(given: str, lines: int) -> int:
    number = int(given) if given.isascii() and given.isdigit() and len(given) < 10 else 0
    return min(number, max(0, lines - 1)) // LINES * LINES


def _stretches(detail: ConversationDetail, first: int, count: int) -> list[Stretch]:
    """Return the lines of one page under the level-1 windows that hold them."""
    last = min(first + count, len(detail.record["lines"]))
    tasks, segments = _by_line(detail, TASK_LEVEL, first, last), _by_line(detail, 1, first, last)
    stretches: list[Stretch] = []
    for number in range(first, last):
        held = segments.get(number, [])
        segment = held[0] if held else None
        line = _line(detail, number, tuple(tasks.get(number, ())), segment)
        if stretches and stretches[-1].window == segment:
            stretches[-1] = Stretch(segment, (*stretches[-1].lines, line))
        else:
            stretches.append(Stretch(segment, (line,)))
    return stretches


def _line(
    detail: ConversationDetail, number: int, windows: tuple[WindowTags, ...], segment: WindowTags | None
) -> ShownLine:
    speaker, text, *_ = detail.record["lines"][number]
    people = detail.record["participants"]
    threads = [window.thread for window in (*windows, *([segment] if segment else [])) if window.thread is not None]
    return ShownLine(
        number=number,
        speaker=speaker,
        name=people[speaker] if 0 <= speaker < len(people) else f"Speaker {speaker}",
        text=text,
        thread=threads[0] if threads else None,
        windows=windows,
    )


def _by_line(detail: ConversationDetail, level: int, first: int, last: int) -> dict[int, list[WindowTags]]:
    held: dict[int, list[WindowTags]] = {}
    for window in detail.windows:
        if window.level == level:
            own = window.lines if window.lines is not None else range(window.start, window.end)
            for number in own:
                if first <= number < last:
                    held.setdefault(number, []).append(window)
    return held

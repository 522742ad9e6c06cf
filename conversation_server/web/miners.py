"""Miners: the leaderboard, and one miner's answers with the parts of their scores."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from conversation_server.services.standing import ANSWERS, HISTORY, history, leaderboard
from conversation_server.web.guards import Administrator, LoggedIn
from conversation_server.web.rendering import page

router = APIRouter(prefix="/miners")


@router.get("")
async def list_miners(visitor: LoggedIn) -> HTMLResponse:
    """List miners by what they earned."""
    standings = await visitor.server.database.transact(leaderboard, is_write=False)
    return page("miners", visitor=visitor, standings=standings, newest=ANSWERS)


@router.get("/{hotkey}")
async def show_miner(hotkey: str, request: Request, visitor: Administrator) -> HTMLResponse:
    """Show one miner's newest answers, or those before a cursor."""
    cursor = request.query_params.get("cursor")
    async with visitor.server.read() as work:
        answers = await work.miners.answers(hotkey, cursor=cursor, limit=HISTORY)
    return page("miner", visitor=visitor, past=history(answers), is_first=cursor is None)

"""Validators: what they claimed, whether it is what the server finds, how far they agree with each other."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from conversation_server.services.standing import ANSWERS, validator_board
from conversation_server.web.guards import Administrator
from conversation_server.web.rendering import page

router = APIRouter(prefix="/validators")


@router.get("")
async def list_validators(visitor: Administrator) -> HTMLResponse:
    """List the validators and what was flagged."""
    board = await visitor.server.database.transact(validator_board, is_write=False)
    return page("validators", visitor=visitor, board=board, newest=ANSWERS)

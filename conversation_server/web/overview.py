"""The first page: how the server stands, live."""

from functools import partial

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from conversation_server.services.overview import overview
from conversation_server.web.guards import LoggedIn
from conversation_server.web.rendering import page

router = APIRouter()


@router.get("")
async def show_overview(visitor: LoggedIn) -> HTMLResponse:
    """Show throughput, backlog, leases and errors."""
    server = visitor.server
    figures = await server.database.transact(partial(overview, now=server.tools.clock()), is_write=False)
    return page("overview", visitor=visitor, figures=figures, merger=server.merger)

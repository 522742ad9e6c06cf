"""Settings: what this server runs with; secrets are masked before they get here."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from conversation_genome.configuration.report import settings_in_use
from conversation_server.web.guards import Administrator
from conversation_server.web.rendering import page

router = APIRouter(prefix="/settings")


@router.get("")
async def show_settings(visitor: Administrator) -> HTMLResponse:
    """Show every setting of the server with its value and its default."""
    return page("settings", visitor=visitor, rows=settings_in_use("server", visitor.server.tools.settings))

"""The console's addresses, and how it says that something went wrong."""

from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from conversation_server.web import (
    conversations,
    entrance,
    finding,
    imports,
    keys,
    miners,
    overview,
    publications,
    settings,
    validators,
)
from conversation_server.web.guards import ROOT
from conversation_server.web.rendering import page

router: Final = APIRouter(include_in_schema=False)
for module in (entrance, overview, conversations, miners, validators, finding, publications, imports, settings, keys):
    router.include_router(module.router, prefix=ROOT)


@router.get("/")
async def enter() -> RedirectResponse:
    """Lead whoever opens the server's bare address to the console."""
    return RedirectResponse(ROOT, 303)


def is_console(request: Request) -> bool:
    """Return whether a request is for a page."""
    path = request.url.path
    return path == ROOT or path.startswith(f"{ROOT}/")


def problem_page(request: Request, status: int, message: str) -> Response:
    """Return the page that says what went wrong; whoever is not logged in is asked to log in."""
    if status == 401:
        target = f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        is_page = request.method == "GET"
        return RedirectResponse(f"{ROOT}/login?next={quote(target, safe='')}" if is_page else f"{ROOT}/login", 303)
    return page("problem", status=status, message=message)

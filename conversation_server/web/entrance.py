"""Log-in and log-out; the files that ship with the console."""

from typing import Final

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse

from conversation_genome.errors import AuthenticationError, NotFoundError, PermissionDeniedError
from conversation_server.services.sessions import SESSION_SECONDS
from conversation_server.web.guards import COOKIE, ROOT, SentForm, check_origin, read_fields, server_of, token_of
from conversation_server.web.rendering import STATIC, page

router = APIRouter()
ASSETS: Final = {"console.css": "text/css", "live.js": "text/javascript", "icon.svg": "image/svg+xml"}
"""Nothing else is served: a name that a stranger sends never becomes a path."""


@router.get("/login")
async def login_page(request: Request) -> HTMLResponse:
    """Ask for an API key."""
    return page("login", target=_own(request.query_params.get("next", "")), fault="")


@router.post("/login")
async def log_in(request: Request) -> Response:
    """Begin a session for whoever holds an API key."""
    check_origin(request)
    server = server_of(request)
    await server.limits.anonymous(request.state.address)
    fields = await read_fields(request)
    target = _own(fields.get("next", [""])[-1])
    try:
        token = await server.sessions.begin(fields.get("key", [""])[-1].strip())
    except (AuthenticationError, PermissionDeniedError) as exc:
        return page("login", target=target, fault=str(exc), status=403)
    response = RedirectResponse(target, 303)
    _set_cookie(request, response, token, int(SESSION_SECONDS))
    return response


@router.post("/logout")
async def log_out(request: Request, form: SentForm) -> Response:
    """End the session."""
    await form.visitor.server.sessions.end(token_of(request))
    response = RedirectResponse(f"{ROOT}/login", 303)
    _set_cookie(request, response, "", 0)
    return response


@router.get("/static/{name}")
async def read_asset(name: str) -> FileResponse:
    """Return a file of the console; its address changes with it, so a browser may keep it."""
    if name not in ASSETS:
        raise NotFoundError(f"the console has no file {name[:100]!r}")
    headers = {"cache-control": "public, max-age=31536000, immutable"}
    return FileResponse(STATIC / name, media_type=ASSETS[name], headers=headers)


def _own(target: str) -> str:
    """Return where to go after the log-in: a page of the console, whatever a link said."""
    is_own = target.startswith((f"{ROOT}/", f"{ROOT}?")) and "\\" not in target and target.isprintable()
    return target if is_own and not target.startswith((f"{ROOT}/login", f"{ROOT}/logout")) else ROOT


def _set_cookie(request: Request, response: Response, token: str, seconds: int) -> None:
    response.set_cookie(
        COOKIE, token, max_age=seconds, path=ROOT, httponly=True, samesite="strict", secure=request.state.is_tls
    )

"""Guards: who is looking, what they may do, and that a form was sent from a page of ours.

A form passes three checks: the cookie is never sent with a request that another site makes (SameSite=Strict), the
Origin is our own, and the form carries a token that only a page of this session holds.
"""

import hmac
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Annotated, Final, cast
from urllib.parse import parse_qs, urlsplit

from fastapi import Depends, Request

from conversation_genome.errors import AuthenticationError, InputError, PermissionDeniedError
from conversation_genome.protocol.administration import Scope
from conversation_server.services.keys import KeyHolder
from conversation_server.services.server import Server
from conversation_server.services.sessions import Session

COOKIE: Final = "cgp_session"
ROOT: Final = "/console"
CSRF_FIELD: Final = "csrf"
MAX_FORM_BYTES: Final = 100_000
_FOREIGN: Final = "this form was not sent from a page of this console; open the page again and send it from there"


def server_of(request: Request) -> Server:
    """Return the server that a request has come to."""
    return cast(Server, request.app.state.server)


def token_of(request: Request) -> str:
    """Return the session's token that the browser sent; empty for none."""
    return request.cookies.get(COOKIE, "")


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in, and the request they make."""

    session: Session
    server: Server
    request_id: str

    @property
    def holder(self) -> KeyHolder:
        """Who they are."""
        return self.session.holder

    def act(self, action: str, target: str = "") -> AbstractAsyncContextManager[None]:
        """Return a block that is recorded in the log of administrative acts."""
        return self.server.audit.recorded(self.holder, action, target, request_id=self.request_id)


@dataclass(frozen=True, slots=True)
class Form:
    """A form that somebody who is logged in sent from one of our pages."""

    visitor: Visitor
    fields: dict[str, list[str]] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """Return a field, stripped; empty where it is missing."""
        return self.fields.get(name, [""])[-1].strip()


async def _visitor(request: Request) -> Visitor:
    server = server_of(request)
    session = await server.sessions.resume(token_of(request))
    if session is None:
        await server.limits.anonymous(request.state.address)
        raise AuthenticationError("log in to see this page")
    await server.limits.key(session.holder.id)
    return Visitor(session, server, request.state.request_id)


LoggedIn = Annotated[Visitor, Depends(_visitor)]


async def _administrator(visitor: LoggedIn) -> Visitor:
    visitor.holder.need(Scope.ADMIN)
    return visitor


Administrator = Annotated[Visitor, Depends(_administrator)]


async def _form(request: Request, visitor: LoggedIn) -> Form:
    check_origin(request)
    fields = await read_fields(request)
    check_token(visitor.session, fields.get(CSRF_FIELD, [""])[-1])
    return Form(visitor, fields)


SentForm = Annotated[Form, Depends(_form)]


def check_origin(request: Request) -> None:
    """Pass if the request was made by a page of this server.

    Raises:
        PermissionDeniedError: If the browser names another origin, or none.
    """
    named = request.headers.get("origin", "null")
    if named == "null":
        is_own = request.headers.get("sec-fetch-site") == "same-origin"
    else:
        is_own = urlsplit(named).netloc == request.headers.get("host", "")
    if not is_own:
        raise PermissionDeniedError(_FOREIGN)


def check_token(session: Session, token: str) -> None:
    """Pass if a form carries the token of its session.

    Raises:
        PermissionDeniedError: If it does not.
    """
    if not hmac.compare_digest(token.encode("utf-8", "replace"), session.csrf.encode()):
        raise PermissionDeniedError(_FOREIGN)


async def read_fields(request: Request) -> dict[str, list[str]]:
    """Return the fields of a form without files.

    Raises:
        InputError: If it is none, or too large.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_FORM_BYTES:
            raise InputError(f"the form is larger than {MAX_FORM_BYTES:,} bytes")
    try:
        return parse_qs(body.decode("utf-8"), keep_blank_values=True, max_num_fields=100)
    except ValueError as exc:
        raise InputError(f"the form cannot be read ({exc})") from exc

"""Keys: who may call, made, rotated and taken back; and the log of what was administered."""

from typing import Final

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse
from pydantic import ValidationError

from conversation_genome.errors import InputError
from conversation_genome.protocol.administration import DAY_SECONDS, KeyRequest, KeyRotation, NewApiKey, Scope
from conversation_server.web.guards import ROOT, Administrator, Form, SentForm, Visitor
from conversation_server.web.rendering import page

router = APIRouter(prefix="/keys")
ACTS: Final = 50


@router.get("")
async def list_keys(visitor: Administrator) -> HTMLResponse:
    """List the keys and the newest administrative acts."""
    return await _page(visitor)


@router.post("")
async def create_key(form: SentForm) -> HTMLResponse:
    """Make a key and show it, once."""
    async with form.visitor.act("key.create", form.text("name")):
        form.visitor.holder.need(Scope.ADMIN)
        made = await form.visitor.server.keys.create(_request(form), form.visitor.holder)
    return await _page(form.visitor, made)


@router.post("/rotate")
async def rotate_key(form: SentForm) -> HTMLResponse:
    """Give a key a new secret and show it, once; the old one is taken for another day."""
    async with form.visitor.act("key.rotate", form.text("id")):
        form.visitor.holder.need(Scope.ADMIN)
        made = await form.visitor.server.keys.rotate(form.text("id"), KeyRotation())
    return await _page(form.visitor, made)


@router.post("/revoke")
async def revoke_key(form: SentForm) -> RedirectResponse:
    """Take a key back."""
    async with form.visitor.act("key.revoke", form.text("id")):
        form.visitor.holder.need(Scope.ADMIN)
        await form.visitor.server.keys.revoke(form.text("id"))
    return RedirectResponse(f"{ROOT}/keys", 303)


async def _page(visitor: Visitor, made: NewApiKey | None = None) -> HTMLResponse:
    keys = (await visitor.server.keys.every()).keys
    acts = (await visitor.server.audit.page(cursor=None, limit=ACTS)).acts
    return page("keys", visitor=visitor, keys=keys, acts=acts, made=made, scopes=list(Scope))


def _request(form: Form) -> KeyRequest:
    days = form.text("days")
    if days and not (days.isascii() and days.isdigit() and len(days) < 5):
        raise InputError(f"{days[:40]!r} is no number of days; leave it empty for a key that does not expire")
    try:
        return KeyRequest(
            name=form.text("name"),
            scopes=tuple(Scope(scope) for scope in form.fields.get("scopes", []) if scope in set(Scope)),
            lifetime_seconds=int(days) * DAY_SECONDS if days else None,
        )
    except ValidationError as exc:
        fault = exc.errors(include_url=False, include_input=False, include_context=False)[0]
        raise InputError(
            f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}; mend the form and send it again"
        ) from exc

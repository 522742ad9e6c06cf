"""Imports: a file is sent from the browser, read in the background, and its page shows how far it is."""

from pathlib import Path
from typing import Final, cast

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from conversation_genome.errors import InputError
from conversation_genome.protocol.administration import Scope
from conversation_server.services.uploading import FORMATS, Uploads, new_place, remove_place
from conversation_server.web.guards import CSRF_FIELD, ROOT, LoggedIn, check_origin, check_token
from conversation_server.web.multipart import SentFile, read_file
from conversation_server.web.rendering import page

ACT: Final = "conversations.import"
ACTS: Final = 20
MAX_LICENSE_CHARACTERS: Final = 500
router = APIRouter(prefix="/imports")


def uploads_of(request: Request) -> Uploads:
    """Return the uploads of this process."""
    return cast(Uploads, request.app.state.uploads)


@router.get("")
async def list_imports(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the form, and what was sent lately."""
    visitor.holder.need(Scope.IMPORT)
    acts = await visitor.server.audit.newest(ACT, ACTS) if visitor.holder.may(Scope.ADMIN) else None
    return page("imports", visitor=visitor, uploads=uploads_of(request).newest(), formats=FORMATS, acts=acts)


@router.get("/{upload_id}")
async def show_import(upload_id: str, request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show how far one import is, or what it did."""
    visitor.holder.need(Scope.IMPORT)
    upload = uploads_of(request).find(upload_id)
    return page("import", visitor=visitor, upload=upload, report=upload.tally.report())


@router.post("")
async def send_file(request: Request, visitor: LoggedIn) -> RedirectResponse:
    """Take a file in; it lies on the disk while it comes, and is read when it is whole."""
    check_origin(request)
    visitor.holder.need(Scope.IMPORT)
    places: list[Path] = []

    def place(fields: dict[str, str], name: str) -> Path:
        check_token(visitor.session, fields.get(CSRF_FIELD, ""))
        places.append(new_place(name))
        return places[-1]

    try:
        sent = await read_file(request.headers.get("content-type", ""), request.stream(), place)
        path, chosen, license_ = _checked(sent)
    except BaseException:
        for one in places:
            remove_place(one)
        raise
    upload = uploads_of(request).begin(
        visitor.server,
        path,
        form=chosen,
        license=license_,
        key_id=visitor.holder.id,
        act=visitor.act(ACT, path.name),
        told=request.app.state.metrics.count_import,
    )
    return RedirectResponse(f"{ROOT}/imports/{upload.id}", 303)


def _checked(sent: SentFile) -> tuple[Path, str, str | None]:
    chosen = sent.fields.get("format", FORMATS[0])
    if chosen not in FORMATS:
        raise InputError(f"{chosen[:40]!r} is no format; choose one of {', '.join(FORMATS)}")
    if sent.path is None:
        raise InputError("no file was chosen; choose one and send it again")
    license_ = sent.fields.get("license", "").strip()
    if len(license_) > MAX_LICENSE_CHARACTERS:
        raise InputError(f"the licence has {len(license_):,} characters; name it in {MAX_LICENSE_CHARACTERS}")
    return sent.path, chosen, license_ or None

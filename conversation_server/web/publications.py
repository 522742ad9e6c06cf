"""Publications: the dataset as it was written, and the button that writes it anew."""

from fastapi import APIRouter
from fastapi.responses import HTMLResponse, RedirectResponse

from conversation_genome.protocol.administration import Scope
from conversation_server.web.guards import ROOT, LoggedIn, SentForm
from conversation_server.web.rendering import page

router = APIRouter(prefix="/publications")


@router.get("")
async def list_publications(visitor: LoggedIn) -> HTMLResponse:
    """List what was published, newest first."""
    published = (await visitor.server.publisher.publications()).publications
    return page("publications", visitor=visitor, published=published)


@router.post("")
async def publish(form: SentForm) -> RedirectResponse:
    """Write the dataset of all that is merged, now."""
    async with form.visitor.act("dataset.publish"):
        form.visitor.holder.need(Scope.PUBLISH)
        await form.visitor.server.publisher.publish()
    return RedirectResponse(f"{ROOT}/publications", 303)

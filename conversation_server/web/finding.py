"""Search: by meaning and by word, with the lines that answer."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from conversation_genome.errors import InputError
from conversation_genome.protocol.reads import SearchHits
from conversation_server.web.guards import LoggedIn
from conversation_server.web.rendering import page

router = APIRouter(prefix="/search")
HITS: Final = 20
MAX_QUERY: Final = 1_000


@router.get("")
async def search(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show what answers a query; one that cannot be read is explained beside it."""
    asked = request.query_params.get("q", "").strip()[:MAX_QUERY]
    found, fault = SearchHits(query=asked, hits=()), ""
    if asked:
        try:
            found = await visitor.server.searching.page(asked, limit=HITS)
        except InputError as exc:
            fault = str(exc)
    return page("search", visitor=visitor, found=found, fault=fault, status=422 if fault else 200)

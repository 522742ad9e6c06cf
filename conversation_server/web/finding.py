"""Search: by meaning, by word and by field, with the lines that answer; what is like a conversation; tags over time."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from conversation_genome.errors import InputError
from conversation_genome.protocol.finding import SearchSort, Stretch, TagTrends
from conversation_genome.protocol.reads import SearchHits
from conversation_genome.vector_store.base import ENOUGH
from conversation_server.web.guards import LoggedIn
from conversation_server.web.rendering import page

router = APIRouter(prefix="/search")
HITS: Final = 20
MAX_QUERY: Final = 1_000
MAX_VALUE: Final = 200
NEIGHBOURS: Final = 24
MOVED: Final = 8
"""Tags that rise and tags that fall on the page of trends."""
FIELDS: Final = ("speaker", "source", "tag", "lang")
DATES: Final = ("after", "before")


@router.get("")
async def search(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show what answers a query; one that cannot be read is explained beside it."""
    asked = {name: request.query_params.get(name, "").strip()[:MAX_VALUE] for name in (*FIELDS, *DATES, "sort")}
    asked["q"] = request.query_params.get("q", "").strip()[:MAX_QUERY]
    cursor = request.query_params.get("cursor") or None
    query, fault = composed(asked), ""
    found = SearchHits(query=query, hits=())
    if query:
        try:
            sort = SearchSort(asked["sort"]) if asked["sort"] in set(SearchSort) else None
            found = await visitor.server.searching.page(query, limit=HITS, sort=sort, cursor=cursor)
        except InputError as exc:
            fault = str(exc)
    return page(
        "search",
        visitor=visitor,
        asked=asked,
        found=found,
        fault=fault,
        is_first=cursor is None,
        enough=ENOUGH,
        indices={} if query else await visitor.server.searching.verified(),
        is_narrowed=any(asked[name] for name in (*FIELDS, *DATES)),
        status=422 if fault else 200,
    )


@router.get("/similar/{conversation_id:path}")
async def similar(conversation_id: str, visitor: LoggedIn) -> HTMLResponse:
    """Show the conversations that are like one."""
    found = await visitor.server.searching.similar(conversation_id, limit=HITS)
    return page("similar", visitor=visitor, found=found)


@router.get("/trends")
async def trends(request: Request, visitor: LoggedIn) -> HTMLResponse:
    """Show the tags that rise and fall over time."""
    asked = request.query_params.get("stretch", "")
    if asked and asked not in set(Stretch):
        raise InputError(f"{asked[:40]!r} is no stretch of time; write day, week, month or year")
    found = await visitor.server.searching.tag_trends(stretch=Stretch(asked) if asked else None, limit=MOVED)
    return page("trends", visitor=visitor, found=found, ends=_ends(found), chosen=asked, stretches=list(Stretch))


@router.get("/tags/{tag:path}")
async def tag(tag: str, visitor: LoggedIn) -> HTMLResponse:
    """Show what stands around a tag, and its course over time."""
    around = await visitor.server.searching.tag_neighbours(tag, limit=NEIGHBOURS)
    course = await visitor.server.searching.tag_trends(tags=(tag,), limit=1)
    return page("tag", visitor=visitor, around=around, course=course, ends=_ends(course))


def composed(asked: Mapping[str, str]) -> str:
    """Return what the form's fields ask as one query."""
    parts = [asked["q"]]
    parts += [f'{name}:"{value}"' for name in FIELDS if (value := asked[name].replace('"', " ").strip())]
    parts += [f"{name}:{asked[name]}" for name in DATES if asked[name]]
    return " ".join(part for part in parts if part)


def _ends(found: TagTrends) -> tuple[str, str]:
    return (found.starts[0].isoformat(), found.starts[-1].isoformat()) if found.starts else ("", "")

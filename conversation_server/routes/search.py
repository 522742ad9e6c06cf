"""`/v1/search` and what else is found rather than listed: similar conversations, the course and ties of tags."""

from typing import Annotated

from fastapi import APIRouter, Query

from conversation_genome.protocol.finding import SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.protocol.reads import SearchHits, SimilarConversations
from conversation_server.routes.callers import Reader, ServerDependency

router = APIRouter(tags=["search"])
of_conversations = APIRouter(tags=["search"])
"""Stands before the routes of conversations, whose ids may hold slashes."""


@router.get("/search")
async def search(
    server: ServerDependency,
    _reader: Reader,
    q: Annotated[str, Query(min_length=1, max_length=1_000, description="In the query language.")],
    limit: Annotated[int, Query(ge=1, le=100)] = 10,
    sort: SearchSort | None = None,
    cursor: Annotated[str | None, Query(max_length=4_000, description="`next_cursor` of the page before.")] = None,
) -> SearchHits:
    """Search conversations by meaning and by word."""
    return await server.searching.page(q, limit=limit, sort=sort, cursor=cursor)


@router.get("/tags/trends")
async def tag_trends(
    server: ServerDependency,
    _reader: Reader,
    stretch: Annotated[Stretch | None, Query(description="How time is cut; by default to fit.")] = None,
    tag: Annotated[list[str] | None, Query(max_length=20, description="Tags whose course is wanted anyway.")] = None,
    limit: Annotated[int, Query(ge=1, le=200)] = 10,
) -> TagTrends:
    """Say which tags rise and fall, and the course of named ones."""
    return await server.searching.tag_trends(stretch=stretch, tags=tuple(tag or ()), limit=limit)


@router.get("/tags/{tag:path}/neighbours")
async def tag_neighbours(
    tag: str, server: ServerDependency, _reader: Reader, limit: Annotated[int, Query(ge=1, le=200)] = 20
) -> TagNeighbours:
    """List the tags that come with a tag or mean something alike, closest first."""
    return await server.searching.tag_neighbours(tag, limit=limit)


@of_conversations.get("/{conversation_id:path}/similar")
async def similar(
    conversation_id: str, server: ServerDependency, _reader: Reader, limit: Annotated[int, Query(ge=1, le=100)] = 10
) -> SimilarConversations:
    """List the conversations that are like one, most similar first."""
    return await server.searching.similar(conversation_id, limit=limit)

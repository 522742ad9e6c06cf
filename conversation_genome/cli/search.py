"""`cgp search`: find conversations by what they are about, those that are like one, and what becomes of tags."""

import os
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from conversation_genome.cli.output import json_line, say
from conversation_genome.errors import InputError, NotFoundError
from conversation_genome.protocol.finding import SearchSort, Stretch

if TYPE_CHECKING:
    from conversation_genome.client import AdminClient
    from conversation_genome.search.index import ConversationIndex

DEFAULT_KEY_VARIABLE: Final = "CGP_API_KEY"
MAX_TAGS: Final = 200
Answer = TypeVar("Answer")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(search)


def search(
    query: Annotated[
        list[str] | None,
        typer.Argument(help="What to look for: words, or the query language.", metavar="QUERY", show_default=False),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(
            help="Folder of a vector store, or its s3:// or postgresql:// address; default: the server's, else that of a local run in this folder.",
            metavar="PLACE",
            show_default=False,
        ),
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Ask this conversation server instead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Conversations at most; a server gives 100.")] = 10,
    sort: Annotated[
        SearchSort | None, typer.Option(help="Order; default: relevance, or date where nothing ranks.")
    ] = None,
    cursor: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Go on where the page before ended: its next_cursor.")
    ] = None,
    similar: Annotated[
        str | None, typer.Option(metavar="ID", help="Instead of a query: conversations that are like this one.")
    ] = None,
    neighbours: Annotated[
        str | None, typer.Option(metavar="TAG", help="Instead of a query: what stands around this tag.")
    ] = None,
    trends: Annotated[bool, typer.Option("--trends", help="Instead of a query: tags that rise and fall.")] = False,
    verify: Annotated[
        bool,
        typer.Option("--verify", help="Instead of a query: measure how much the store's index of vectors finds."),
    ] = False,
    stretch: Annotated[
        Stretch | None, typer.Option(help="With --trends: how time is cut; default: to fit.", show_default=False)
    ] = None,
    api_key_env: Annotated[
        str, typer.Option("--api-key-env", metavar="NAME", help="The variable that holds the server's API key, if any.")
    ] = DEFAULT_KEY_VARIABLE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find conversations by what they are about.

    Meaning and words count together: "how to calm a puppy" also finds a talk about an anxious dog. "Phrases", AND, OR,
    NOT, -word, parentheses, speaker: source: tag: lang: and after: before: on: narrow what is found. Every hit
    shows the lines that answer the query and says why it was found.
    """
    from conversation_genome.embedding.text import readable

    text = readable(" ".join(query or ()))
    if sum(map(bool, (text, similar, neighbours, trends, verify))) != 1:
        raise InputError("give a query, or one of --similar ID, --neighbours TAG, --trends and --verify")
    if store is not None and server is not None:
        raise InputError("--store and --server exclude each other; give one of them")
    if verify and server is not None:
        raise InputError("--verify measures a store where it lies; give it by --store instead of --server")
    asked = _Asked(store=store, server=server, api_key_env=api_key_env, as_json=as_json)
    if similar:
        asked.similar(similar, limit)
    elif neighbours:
        asked.neighbours(neighbours, min(limit, MAX_TAGS))
    elif trends:
        asked.trends(stretch, min(limit, MAX_TAGS))
    elif verify:
        asked.verify()
    else:
        asked.query(text, limit, sort, cursor)


class _Asked:
    """Asks a store or a server, and prints what it answers."""

    def __init__(self, *, store: str | None, server: str | None, api_key_env: str, as_json: bool) -> None:
        self._store = store
        self._server = server
        self._key = os.environ.get(api_key_env, "").strip()
        self._as_json = as_json

    def query(self, text: str, limit: int, sort: SearchSort | None, cursor: str | None) -> None:
        """Print one page of what answers a query."""
        from conversation_genome.cli.search_showing import show_hits
        from conversation_genome.search.index import page_from_wire

        page = page_from_wire(
            self._answer(
                lambda index: index.search(text, limit, sort=sort, cursor=cursor),
                lambda client: client.search(text, limit=limit, sort=sort, cursor=cursor),
            )
        )
        if self._as_json:
            typer.echo(json_line(page.model_dump(mode="json")))
        elif page.hits:
            show_hits(page.hits)
            if page.is_changed:
                say("what is searched changed since the page before: a hit may come twice or have been passed over")
            if page.next_cursor:
                say(f"more with --cursor {page.next_cursor}")
        else:
            say(f"nothing was found for {text!r}")

    def similar(self, conversation_id: str, limit: int) -> None:
        """Print the conversations that are like one."""
        from conversation_genome.cli.search_showing import show_hits
        from conversation_genome.search.index import hit_from_wire

        found = self._answer(
            lambda index: index.similar(conversation_id, limit),
            lambda client: client.similar(conversation_id, limit=limit),
        )
        if self._as_json:
            typer.echo(json_line(found.model_dump(mode="json")))
        elif found.hits:
            show_hits([hit_from_wire(hit) for hit in found.hits])
        else:
            say(f"no conversation is like {conversation_id!r}")

    def neighbours(self, tag: str, limit: int) -> None:
        """Print what stands around a tag."""
        from conversation_genome.cli.search_showing import show_neighbours

        found = self._answer(
            lambda index: index.tag_neighbours(tag, limit), lambda client: client.tag_neighbours(tag, limit=limit)
        )
        if self._as_json:
            typer.echo(json_line(found.model_dump(mode="json")))
        else:
            show_neighbours(found)

    def trends(self, stretch: Stretch | None, limit: int) -> None:
        """Print the tags that rise and fall."""
        from conversation_genome.cli.search_showing import show_trends

        found = self._answer(
            lambda index: index.tag_trends(stretch=stretch, limit=limit),
            lambda client: client.tag_trends(stretch=stretch, limit=limit),
        )
        if self._as_json:
            typer.echo(json_line(found.model_dump(mode="json")))
        else:
            show_trends(found)

    def verify(self) -> None:
        """Print the recall of the index of vectors, model by model."""
        from conversation_genome.cli.search_showing import show_health

        healths = _index(self._store).verify()
        if self._as_json:
            each = [{"model": str(name), **asdict(health)} for name, health in healths.items()]
            typer.echo(json_line({"stores": each}))
        else:
            show_health(healths)

    def _answer(
        self,
        look: "Callable[[ConversationIndex], Answer]",
        ask: "Callable[[AdminClient], Coroutine[Any, Any, Answer]]",
    ) -> Answer:
        if self._server is None:
            return look(_index(self._store))
        import asyncio

        from conversation_genome.client import AdminClient

        url, key = self._server, self._key

        async def asked() -> Answer:
            async with AdminClient(url, key) as client:
                return await ask(client)

        return asyncio.run(asked())


def _index(store: str | None) -> "ConversationIndex":
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.search.index import ConversationIndex
    from conversation_genome.search.indexing import vector_model
    from conversation_genome.settings import ServerSettings, load_settings
    from conversation_genome.vector_store.opening import open_stores

    settings = load_settings(ServerSettings)
    embedder = load_embedder(settings.models_path)
    place = store or _usual_store(settings.vector_store_place)
    try:
        stores = open_stores(place, main=vector_model(embedder.model), must_exist=True)
    except NotFoundError as exc:
        raise InputError(str(exc)) from exc
    return ConversationIndex(stores, embedder)


def _usual_store(of_server: Path | str) -> Path | str:
    """Return the server's vector store, or that of a local run in this folder where the server has none."""
    from conversation_genome.local.layout import Layout

    of_local_run = Layout(Path("local-subnet")).vector_store
    is_nowhere = isinstance(of_server, Path) and not of_server.is_dir()
    return of_local_run if is_nowhere and of_local_run.is_dir() else of_server

"""`cgp search`: find conversations by what they are about."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer
from rich.markup import escape
from rich.padding import Padding
from rich.text import Text

from conversation_genome.cli.output import json_line, say
from conversation_genome.errors import InputError, NotFoundError

if TYPE_CHECKING:
    from conversation_genome.search.hits import SearchHit

DEFAULT_KEY_VARIABLE: Final = "CGP_API_KEY"
SHOWN_TAGS: Final = 6


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(search)


def search(
    query: Annotated[list[str], typer.Argument(help="What to look for, in plain words.", metavar="QUERY")],
    store: Annotated[
        Path | None,
        typer.Option(
            help="Folder of a vector store; default: the server's, else that of a local run in this folder.",
            show_default=False,
        ),
    ] = None,
    server: Annotated[str | None, typer.Option(metavar="URL", help="Ask this conversation server instead.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1_000, help="Conversations at most.")] = 10,
    api_key_env: Annotated[
        str, typer.Option("--api-key-env", metavar="NAME", help="The variable that holds the server's API key, if any.")
    ] = DEFAULT_KEY_VARIABLE,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Find conversations by what they are about.

    Meaning and words count together: "how to calm a puppy" also finds a talk about an anxious dog. Every hit
    shows the lines that answer the query and says why it was found.
    """
    from conversation_genome.embedding.text import readable

    if store is not None and server is not None:
        raise InputError("--store and --server exclude each other; give one of them")
    text = readable(" ".join(query))
    hits = _ask(server, text, limit, api_key_env) if server else _look(store, text, limit)
    if as_json:
        typer.echo(json_line({"query": text, "hits": [hit.model_dump(mode="json") for hit in hits]}))
    elif hits:
        _show(hits, text)
    else:
        say(f"nothing was found for {text!r}")


def _look(store: Path | None, text: str, limit: int) -> "list[SearchHit]":
    from conversation_genome.embedding.loading import load_embedder
    from conversation_genome.search.indexing import vector_model
    from conversation_genome.search.searcher import Searcher
    from conversation_genome.settings import ServerSettings, load_settings
    from conversation_genome.vector_store.by_model import LanceVectorStores

    settings = load_settings(ServerSettings)
    embedder = load_embedder(settings.models_path)
    folder = store or _usual_store(settings.server_vector_store_path)
    try:
        stores = LanceVectorStores(folder, main=vector_model(embedder.model), must_exist=True)
    except NotFoundError as exc:
        raise InputError(str(exc)) from exc
    return Searcher(stores, embedder).search(text, limit)


def _usual_store(of_server: Path) -> Path:
    """Return the server's vector store, or that of a local run in this folder where the server has none."""
    from conversation_genome.local.layout import Layout

    of_local_run = Layout(Path("local-subnet")).vector_store
    return of_local_run if of_local_run.is_dir() and not of_server.is_dir() else of_server


def _ask(url: str, text: str, limit: int, api_key_env: str) -> "list[SearchHit]":
    import asyncio

    from conversation_genome.client import AdminClient
    from conversation_genome.search.index import hit_from_wire

    async def ask() -> "list[SearchHit]":
        async with AdminClient(url, os.environ.get(api_key_env, "").strip()) as client:
            return [hit_from_wire(hit) for hit in (await client.search(text, limit=limit)).hits]

    return asyncio.run(ask())


def _show(hits: "Sequence[SearchHit]", query: str) -> None:
    from rich.console import Console

    from conversation_genome.search.quoting import query_words

    console = Console(highlight=False)
    words = query_words(query)
    for number, hit in enumerate(hits, start=1):
        title = hit.title or hit.conversation_id
        console.print(f"[dim]{number:>2}.[/dim] [bold]{escape(title)}[/bold]", soft_wrap=True)
        for line in _details(hit, words):
            console.print(Padding(line, (0, 0, 0, 4)))
        console.print()


def _details(hit: "SearchHit", words: Mapping[str, str]) -> Iterator[Text]:
    from conversation_genome.search.quoting import marked

    day = f"{hit.started_at:%Y-%m-%d}" if hit.started_at else None
    about = ", ".join(part for part in (hit.source, hit.language, day) if part)
    yield Text(f"{hit.conversation_id} ({about})  score {hit.score:.2f}", "dim")
    for quote in hit.quotes:
        pieces = [(piece, "bold yellow" if is_word else "") for piece, is_word in marked(quote, words)]
        yield Text.assemble("> ", *pieces)
    if hit.reasons:
        yield Text("found because: " + "; ".join(hit.reasons), "green")
    if hit.tags:
        yield Text("tags: " + ", ".join(hit.tags[:SHOWN_TAGS]), "cyan")

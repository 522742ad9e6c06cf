"""`cgp db`: the conversation server's database, upgraded, backed up and restored.

The library knows no role, so each verb starts `python -m conversation_server db ...` and passes on what it says.
"""

import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from conversation_genome.cli.output import say
from conversation_genome.settings import PROJECT_ROOT

db = typer.Typer(no_args_is_help=True)
_AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(db, name="db", help="Upgrade, back up and restore the conversation server's database.")


@db.command()
def upgrade(as_json: _AsJson = False) -> None:
    """Bring the tables up to date; the server does so itself when it starts."""
    result = _ask("upgrade", as_json=as_json)
    if result:
        say(f"the tables are at revision {result['revision']}")


@db.command()
def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What is written; whole or not at all.")],
    as_json: _AsJson = False,
) -> None:
    """Write the whole database into a file, while the server works.

    The file holds conversations as they were said: only its owner may read it.

    cgp db backup backups/monday.jsonl.gz
    """
    result = _ask("backup", str(file), as_json=as_json)
    if result:
        say(f"{file}: {_rows(result)}, {result['bytes']:,} bytes, SHA-256 {result['sha256']}")


@db.command()
def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A file that `cgp db backup` wrote.")],
    *,
    force: Annotated[bool, typer.Option("--force", help="Remove what the database holds.")] = False,
    as_json: _AsJson = False,
) -> None:
    """Put a backup into an empty database and make the vector store anew; stop the server first.

    The backup may be of an older version, and of either database: so one moves from SQLite to PostgreSQL.

    cgp db restore backups/monday.jsonl.gz
    """
    result = _ask("restore", str(file), *(["--force"] if force else []), as_json=as_json)
    if result:
        say(f"{_rows(result)} of {result['made_at']} restored, {result['searchable']:,} conversations searchable")


@db.command()
def reindex(as_json: _AsJson = False) -> None:
    """Make the vector store anew from the database; stop the server first."""
    result = _ask("reindex", as_json=as_json)
    if result:
        say(f"{result['vector_store']}: {result['searchable']:,} conversations searchable")


def _ask(*arguments: str, as_json: bool) -> dict[str, Any]:
    """Return what the server's command did; print it instead, and return nothing, where JSON is asked for."""
    import orjson

    command = [sys.executable, "-m", "conversation_server", "db", *arguments]
    ran = subprocess.run(command, stdout=subprocess.PIPE, check=False, env=_environment())  # noqa: S603 - our own interpreter, our own module
    if ran.returncode:
        raise typer.Exit(ran.returncode)
    if as_json:
        typer.echo(ran.stdout.decode(), nl=False)
        return {}
    result: dict[str, Any] = orjson.loads(ran.stdout)
    return result


def _environment() -> dict[str, str]:
    """Return this process's environment, in which the server's package is found from any folder."""
    import os

    paths = [str(PROJECT_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def _rows(result: dict[str, Any]) -> str:
    return f"{sum(result['rows'].values()):,} rows of {len(result['rows'])} tables"

"""`cgp keys`: the API keys of a conversation server are made, listed, rotated and revoked."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Final, TypeVar

import typer

from conversation_genome.cli.output import json_line, say
from conversation_genome.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from conversation_genome.client import AdminClient
    from conversation_genome.protocol.administration import ApiKey, NewApiKey

Result = TypeVar("Result")

DEFAULT_SERVER: Final = "http://127.0.0.1:8000"
DEFAULT_KEY_VARIABLE: Final = "CGP_API_KEY"
SCOPES: Final = "read|import|publish|admin"
_DURATION: Final = re.compile(r"^(\d+(?:\.\d+)?)([smhd])$")
_UNIT_SECONDS: Final = {"s": 1.0, "m": 60.0, "h": 3_600.0, "d": 86_400.0}
_COLUMNS: Final = ("id", "name", "scopes", "state", "made", "expires", "last used")

Server = Annotated[str, typer.Option("--server", metavar="URL", help="The conversation server.")]
KeyVariable = Annotated[
    str, typer.Option("--api-key-env", metavar="NAME", help="The variable that holds the administrator's API key.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON on standard output.")]
KeyId = Annotated[str, typer.Argument(metavar="ID", help="The key's id, as `cgp keys list` shows it.")]
Lifetime = Annotated[
    str | None,
    typer.Option("--expires-in", metavar="TIME", help="After which it is refused: 90d, 12h, 30m; else never."),
]

keys = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(keys, name="keys", help="Make, list, rotate and revoke the API keys of a conversation server.")


@keys.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses it.")],
    *,
    scopes: Annotated[
        list[str], typer.Option("--scope", metavar=SCOPES, help="What it may do; may be given more than once.")
    ],
    expires_in: Lifetime = None,
    server: Server = DEFAULT_SERVER,
    api_key_env: KeyVariable = DEFAULT_KEY_VARIABLE,
    is_json: AsJson = False,
) -> None:
    """Make a key and print it: it is shown this once, the server keeps its hash alone.

    cgp keys create "the nightly import" --scope import --expires-in 90d
    """
    from pydantic import ValidationError

    from conversation_genome.protocol.administration import KeyRequest, Scope

    unknown = [scope for scope in scopes if scope not in set(Scope)]
    if unknown:
        raise InputError(f"--scope {unknown[0]!r} is no scope; choose from {SCOPES}")
    try:
        request = KeyRequest(name=name, scopes=tuple(map(Scope, scopes)), lifetime_seconds=_seconds(expires_in))
    except ValidationError as exc:
        raise InputError(f"the key cannot be made: {exc.errors()[0]['msg']}") from exc
    _show_new(_ask(server, api_key_env, lambda client: client.create_key(request)), is_json=is_json)


@keys.command("list")
def list_(
    server: Server = DEFAULT_SERVER, api_key_env: KeyVariable = DEFAULT_KEY_VARIABLE, is_json: AsJson = False
) -> None:
    """List all keys, newest first: what they may do, when they end, when they were used last."""
    found = _ask(server, api_key_env, lambda client: client.keys())
    if is_json:
        typer.echo(json_line(found.model_dump(mode="json")))
        return
    rows = [_COLUMNS, *map(_row, found.keys)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for row in rows:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@keys.command()
def rotate(
    key_id: KeyId,
    *,
    overlap: Annotated[
        str, typer.Option("--overlap", metavar="TIME", help="How long the old secret is still taken: 1d, 12h, 0s.")
    ] = "1d",
    expires_in: Lifetime = None,
    server: Server = DEFAULT_SERVER,
    api_key_env: KeyVariable = DEFAULT_KEY_VARIABLE,
    is_json: AsJson = False,
) -> None:
    """Give a key a new secret and print it; the old one is taken until the overlap ends."""
    from pydantic import ValidationError

    from conversation_genome.protocol.administration import KeyRotation

    try:
        request = KeyRotation(overlap_seconds=_seconds(overlap) or 0.0, lifetime_seconds=_seconds(expires_in))
    except ValidationError as exc:
        raise InputError(f"the key cannot be rotated: {exc.errors()[0]['msg']}") from exc
    _show_new(_ask(server, api_key_env, lambda client: client.rotate_key(key_id, request)), is_json=is_json)


@keys.command()
def revoke(
    key_id: KeyId,
    *,
    server: Server = DEFAULT_SERVER,
    api_key_env: KeyVariable = DEFAULT_KEY_VARIABLE,
    is_json: AsJson = False,
) -> None:
    """Take a key back, at once and for good."""
    revoked = _ask(server, api_key_env, lambda client: client.revoke_key(key_id))
    if is_json:
        typer.echo(json_line(revoked.model_dump(mode="json")))
    else:
        say(f"the key {revoked.id} ({revoked.name}) is revoked")


def _ask(url: str, variable: str, ask: "Callable[[AdminClient], Awaitable[Result]]") -> Result:
    from conversation_genome.client import AdminClient

    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"the environment variable {variable} is not set; put the administrator's API key in it")

    async def run() -> Result:
        async with AdminClient(url, key) as client:
            return await ask(client)

    return asyncio.run(run())


def _show_new(made: "NewApiKey", *, is_json: bool) -> None:
    """Print the key, and nothing else, on standard output."""
    if is_json:
        typer.echo(json_line(made.model_dump(mode="json")))
        return
    details = made.details
    until = f", until {_day(details.expires_at)}" if details.expires_at else ""
    say(f"{details.id} ({details.name}) may {', '.join(details.scopes)}{until}; this key is not shown again:")
    typer.echo(made.key)


def _row(key: "ApiKey") -> tuple[str, ...]:
    return (
        key.id,
        key.name,
        ",".join(key.scopes),
        _state(key),
        _day(key.created_at),
        _day(key.expires_at),
        _day(key.last_used_at),
    )


def _state(key: "ApiKey") -> str:
    from datetime import UTC, datetime

    if key.revoked_at is not None:
        return "revoked"
    if key.expires_at is not None and key.expires_at <= datetime.now(UTC):
        return "over"
    return "rotating" if key.old_until is not None else "good"


def _day(moment: "datetime | None") -> str:
    return f"{moment:%Y-%m-%d %H:%M}" if moment else "never"


def _seconds(duration: str | None) -> float | None:
    """Return the seconds that a duration such as 90d stands for.

    Raises:
        InputError: If it is none.
    """
    if duration is None:
        return None
    form = _DURATION.match(duration.strip())
    if form is None:
        raise InputError(f"{duration!r} is no time; give a number and a unit: 90d, 12h, 30m, 45s")
    return float(form[1]) * _UNIT_SECONDS[form[2]]

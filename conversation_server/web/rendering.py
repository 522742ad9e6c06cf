"""Rendering: a template and its values to a page; whatever strangers wrote is escaped, and nothing inline may run."""

import hashlib
import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlencode

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from conversation_genome import __version__
from conversation_genome.protocol.administration import Scope
from conversation_genome.protocol.finding import Quote
from conversation_server.web import plots, words
from conversation_server.web.guards import CSRF_FIELD, ROOT, Visitor

STATIC: Final = Path(__file__).resolve().parent / "static"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAGES: Final = (
    ("overview", "Overview", "", None),
    ("conversations", "Conversations", "/conversations", None),
    ("miners", "Miners", "/miners", None),
    ("validators", "Validators", "/validators", Scope.ADMIN),
    ("search", "Search", "/search", None),
    ("publications", "Publications", "/publications", None),
    ("imports", "Imports", "/imports", Scope.IMPORT),
    ("settings", "Settings", "/settings", Scope.ADMIN),
    ("keys", "Keys", "/keys", Scope.ADMIN),
)
_WORD: Final = re.compile(r"\w+")


def page(template: str, *, visitor: Visitor | None = None, status: int = 200, **values: Any) -> HTMLResponse:
    """Return a page.

    Args:
        template: The name of the template, which is that of the page.
        visitor: Who looks; None before the log-in.
        status: The HTTP status.
        values: What the template shows.
    """
    may = [] if visitor is None else [one for one in PAGES if one[3] is None or visitor.holder.may(one[3])]
    body = (
        environment()
        .get_template(f"{template}.html")
        .render(
            here=template,
            menu=may,
            visitor=visitor,
            csrf=_csrf(visitor),
            status=status,
            now=datetime.now(UTC) if visitor is None else datetime.fromtimestamp(visitor.server.tools.clock(), UTC),
            **values,
        )
    )
    headers = {"content-security-policy": POLICY, "cache-control": "no-store"}
    return HTMLResponse(body, status_code=status, headers=headers)


@cache
def environment() -> Environment:
    """Return the templates with what they may use."""
    made = Environment(
        loader=PackageLoader(__package__, "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "ago": words.ago,
        "count": words.count,
        "duration": words.duration,
        "highlighted": highlighted,
        "marked": marked,
        "percent": words.percent,
        "plain": words.plain,
        "part": lambda text: quote(str(text), safe=""),
        "short": words.short,
    }
    made.globals |= {
        "asset": asset,
        "query": query,
        "root": ROOT,
        "plots": plots,
        "Scope": Scope,
        "version": __version__,
    }
    return made


@cache
def asset(name: str) -> str:
    """Return the address of a file that ships with the console; it changes with the file, so that it may be kept."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"{ROOT}/static/{name}?v={digest}"


def query(**values: str | int | None) -> str:
    """Return the query of an address; values that say nothing are left out."""
    return urlencode({name: value for name, value in values.items() if value not in (None, "")})


def highlighted(text: str, sought: str) -> Markup:
    """Return a text with the words that were sought marked; all of it escaped."""
    sought_words = {word.lower() for word in _WORD.findall(sought) if len(word) > 1}
    parts: list[Markup] = []
    last = 0
    for found in _WORD.finditer(text):
        if _is_sought(found[0].lower(), sought_words):
            parts += [escape(text[last : found.start()]), Markup("<mark>%s</mark>") % found[0]]
            last = found.end()
    return Markup("").join([*parts, escape(text[last:])])


def marked(quote: Quote) -> Markup:
    """Return a quoted line with what was asked for marked; all of it escaped."""
    parts: list[Markup] = []
    place = 0
    for start, end in quote.marks:
        parts += [escape(quote.text[place:start]), Markup("<mark>%s</mark>") % quote.text[start:end]]
        place = end
    return Markup("").join([*parts, escape(quote.text[place:])])


def _is_sought(word: str, sought: set[str]) -> bool:
    return word in sought or any(len(one) > 3 and word.startswith(one) for one in sought)


def _csrf(visitor: Visitor | None) -> Markup:
    if visitor is None:
        return Markup("")
    return Markup('<input type="hidden" name="%s" value="%s">') % (CSRF_FIELD, visitor.session.csrf)

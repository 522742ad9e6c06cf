"""Enough of Firebase's Realtime Database for the real SDK: GET, PUT, PATCH and DELETE of JSON by path.

After the documentation of its REST API: a PATCH may name deep paths and is applied whole; null, an empty object and an
empty list are the same as nothing; keys may not hold . $ # [ ] or control characters.
"""

import json
import re
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

FORBIDDEN = re.compile(r"[.$#\[\]\x00-\x1f\x7f]")
LIMIT_BYTES = 16 * 1024 * 1024


@dataclass
class RealtimeDatabase:
    """The tree, and what a test may make it do."""

    tree: dict[str, Any] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    writes_until_failure: int | None = None

    def app(self) -> FastAPI:
        app = FastAPI()
        app.add_api_route(
            "/{path:path}.json", self.answer, methods=["GET", "PUT", "PATCH", "DELETE"], response_model=None
        )
        return app

    async def answer(self, path: str, request: Request) -> Response:
        self.requests.append(request.method)
        if request.method == "GET":
            return JSONResponse(self._at(path))
        if self.writes_until_failure == 0:
            return JSONResponse({"error": "Try again"}, 400)
        if self.writes_until_failure is not None:
            self.writes_until_failure -= 1
        body = await request.body()
        value = None if request.method == "DELETE" else json.loads(body)
        if len(body) > LIMIT_BYTES or not _is_valid(value, has_paths=request.method == "PATCH"):
            return JSONResponse({"error": "Invalid data"}, 400)
        changes = value.items() if request.method == "PATCH" else [("", value)]
        for below, one in changes:
            self._set([part for part in f"{path}/{below}".split("/") if part], one)
        return JSONResponse(value)

    def _at(self, path: str) -> Any:
        node: Any = self.tree
        for part in filter(None, path.split("/")):
            node = node.get(part) if isinstance(node, dict) else None
        return node or None

    def _set(self, parts: list[str], value: Any) -> None:
        node = self.tree
        for part in parts[:-1]:
            node = node.setdefault(part, {})
        pruned = _pruned(value)
        if pruned is None:
            node.pop(parts[-1], None)
        else:
            node[parts[-1]] = pruned


def _is_valid(value: Any, *, has_paths: bool = False) -> bool:
    if isinstance(value, dict):
        return all(
            not FORBIDDEN.search(key) and (has_paths or "/" not in key) and _is_valid(one) for key, one in value.items()
        )
    return all(map(_is_valid, value)) if isinstance(value, list) else True


def _pruned(value: Any) -> Any:
    """Return a value without what Firebase does not keep."""
    if isinstance(value, dict):
        return {key: kept for key, one in value.items() if (kept := _pruned(one)) is not None} or None
    if isinstance(value, list):
        return [_pruned(one) for one in value] or None
    return value

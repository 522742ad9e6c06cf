"""A real Chromium for tests: found on the machine, never downloaded, and kept to loopback."""

import asyncio
import shutil
import unittest
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import uvicorn
from fastapi import FastAPI
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from conversation_genome.process import bound_socket

NAMES: Final = ("chromium", "chromium-browser", "google-chrome")
FOUND: Final = next((path for name in NAMES if (path := shutil.which(name))), None)
FLAGS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
AXE: Final = (Path(__file__).parent / "axe/axe.min.js").read_text(encoding="utf-8")
"""axe-core 4.14.1 (MPL-2.0), from its npm package; used by tests alone."""
_RULES: Final = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
needs_chromium: Final = unittest.skipUnless(
    FOUND, "no Chromium was found on this machine: `apt-get install chromium` brings one"
)


@asynccontextmanager
async def served(app: FastAPI) -> AsyncIterator[str]:
    """Serve an application whose life is managed elsewhere on a free port, and yield its address."""
    with bound_socket("127.0.0.1", 0) as listener:
        listener.listen()
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_level="error"))
        task = asyncio.create_task(server.serve(sockets=[listener]))
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """Yield a running browser."""
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=FOUND, args=list(FLAGS))
        try:
            yield running
        finally:
            await running.close()


class Watched:
    """A window of the browser that remembers what went wrong in it."""

    def __init__(self, context: BrowserContext, page: Page, address: str) -> None:
        self.context = context
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        self.elsewhere: list[str] = []
        page.on("console", lambda message: self._hear(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self._look(request.url))

    @classmethod
    async def open(cls, running: Browser, address: str, **options: Any) -> "Watched":
        context = await running.new_context(**options)
        return cls(context, await context.new_page(), address)

    async def go(self, path: str) -> int:
        """Open a page of the console and return its status."""
        response = await self.page.goto(f"{self.address}/console{path}")
        assert response is not None
        return response.status

    async def log_in(self, key: str) -> None:
        await self.go("/login")
        await self.page.fill("#key", key)
        await self.page.press("#key", "Enter")
        await self.page.wait_for_selector("nav[aria-label='Pages']")

    async def barriers(self, *rules: str) -> list[str]:
        """Return what axe finds that keeps somebody from using the page; by these rules alone, if any are given."""
        await self.page.evaluate(AXE)
        found = await self.page.evaluate("rules => axe.run(document, {runOnly: rules})", list(rules or _RULES))
        return [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found["violations"]]

    async def is_too_wide(self) -> bool:
        return bool(await self.page.evaluate("document.documentElement.scrollWidth > innerWidth"))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.complaints.append(text)

    def _look(self, url: str) -> None:
        if not url.startswith(self.address):
            self.elsewhere.append(url)

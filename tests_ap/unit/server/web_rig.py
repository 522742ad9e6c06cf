"""A browser without a window: follows no redirect, keeps cookies, and sends what a browser sends with a form."""

import re
from typing import Any

import httpx2

from tests_ap.unit.server.rig import KEY, URL, ServerCase

FORM = {"origin": URL}


class WebCase(ServerCase):
    """A test with the console's pages, the administrator logged in."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.http = self.browser()
        await self.log_in(self.http, KEY)

    def browser(self) -> httpx2.AsyncClient:
        client = httpx2.AsyncClient(base_url=URL, transport=httpx2.ASGITransport(app=self.app))
        self.addAsyncCleanup(client.aclose)
        return client

    async def log_in(self, client: httpx2.AsyncClient, key: str) -> httpx2.Response:
        return await client.post("/console/login", data={"key": key}, headers=FORM)

    async def page(self, path: str = "", **query: Any) -> str:
        """Return a page of the console that is there."""
        response = await self.http.get(f"/console{path}", params=query)
        self.assertEqual(response.status_code, 200, response.text[-3000:])
        self.assertIn("text/html", response.headers["content-type"])
        return response.text

    async def send(self, path: str, **fields: Any) -> httpx2.Response:
        """Send a form as the page that holds it would."""
        return await self.http.post(f"/console{path}", data={"csrf": await self.csrf(), **fields}, headers=FORM)

    async def csrf(self) -> str:
        found = re.search(r'name="csrf" value="([0-9a-f]{64})"', await self.page())
        assert found is not None
        return found[1]

"""How the clients connect: what goes wrong with a connection is always one of httpx2's own errors."""

import httpx2


class SteadyTransport(httpx2.AsyncHTTPTransport):
    """An HTTP transport for which a connection that is closed while it is being made is one that could not be made.

    httpcore2 2.x asks the new connection for its socket, which is gone by then, and fails by an AttributeError: whoever is
    called could raise it in its caller.
    """

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the response.

        Raises:
            httpx2.TransportError: If there is none.
        """
        try:
            return await super().handle_async_request(request)
        except AttributeError as exc:
            raise httpx2.ConnectError("the connection was closed while it was made", request=request) from exc

"""MinerClient: what a miner asks of the conversation server about itself, by its own signature."""

from collections.abc import Callable
from typing import Any, Self

from conversation_genome.annotation import Hotkey
from conversation_genome.client.transport import TIMEOUT_SECONDS, Transport, read, target
from conversation_genome.protocol.reads import MinerAnswerPage
from conversation_genome.protocol.signing import Signer


class MinerClient:
    """A miner's side; a context manager."""

    def __init__(
        self,
        base_url: str,
        signer: Signer,
        server_hotkey: Hotkey,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        asgi_app: Callable[..., Any] | None = None,
    ) -> None:
        """Prepare a client.

        Args:
            base_url: Where the server answers.
            signer: The miner's hotkey.
            server_hotkey: The only hotkey that may accept these requests.
            timeout_seconds: For each step of a request.
            asgi_app: The server itself, in the same process (tests).
        """
        self._transport = Transport(base_url, timeout_seconds=timeout_seconds, asgi_app=asgi_app)
        self._signer = signer
        self._receiver = server_hotkey

    async def own_answers(self, *, limit: int = 20) -> MinerAnswerPage:
        """Return how the last answers fared, newest first, once their reward was divided; not what they were about.

        Raises:
            NotFoundError: If no answer of this miner was ever handed in.
            AuthenticationError: If the server is another one, or the clocks differ.
            UnavailableError: If the server does not answer.
        """
        path = target("miners", self._signer.hotkey, limit=limit)

        def headers() -> dict[str, str]:
            return self._signer.headers(method="GET", path=path, body=b"", receiver=self._receiver)

        return read(MinerAnswerPage, await self._transport.send("GET", path, headers=headers))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._transport.aclose()

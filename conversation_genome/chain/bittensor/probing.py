"""What an operator wants to know before a role starts: which endpoints answer, and what time the chain has."""

from typing import Final, NamedTuple, Self

from bittensor import storage
from bittensor.client import Client

from conversation_genome.chain.bittensor.connection import Connection
from conversation_genome.errors import ChainError

ANSWER_SECONDS: Final = 10.0


class BlockTime(NamedTuple):
    """A block and when it was made."""

    block: int
    at_seconds: float
    """Seconds since 1970, by the clock of who made it."""


class Probe:
    """A look at one endpoint alone, with no other to fall back to; a context manager."""

    def __init__(self, url: str, *, seconds: float = ANSWER_SECONDS) -> None:
        """Prepare a connection.

        Args:
            url: A ws:// or wss:// URL.
            seconds: What each look may take.
        """
        self._connection = Connection(url, [url])
        self._seconds = seconds

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._connection.close()

    def last_block(self) -> BlockTime:
        """Return the last block that the endpoint knows, with its time.

        Raises:
            ChainError: If it does not answer in time.
        """
        return self._connection.call(_last_block, seconds=self._seconds)


def why_silent(url: str, *, seconds: float = ANSWER_SECONDS) -> str:
    """Return why this one endpoint does not answer in time; empty if it does."""
    try:
        with Probe(url, seconds=seconds) as probe:
            probe.last_block()
    except ChainError as exc:
        return str(exc.__cause__ or exc)
    return ""


async def _last_block(client: Client) -> BlockTime:
    view = await client.at()
    return BlockTime(int(view.block), int(await view.query(storage.Timestamp.Now)) / 1000)

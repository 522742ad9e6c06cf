"""A proxy on loopback that stands before a server and fails as real networks and servers do."""

import asyncio
from enum import Enum

from conversation_genome.process import bound_socket


class Mode(Enum):
    """What it does with a connection."""

    PASS = "pass"
    REFUSE = "refuse"
    """Nobody listens."""
    RESET = "reset"
    """It is taken, and broken off."""
    ERROR = "error"
    """503, with a page that is no JSON."""
    DRIP = "drip"
    """An answer comes byte by byte, and never ends."""
    GARBAGE = "garbage"
    """200, with JSON that was cut off."""
    SILENT = "silent"
    """Nothing comes back at all."""


_ANSWERS = {
    Mode.ERROR: b"HTTP/1.1 503 Service Unavailable\r\ncontent-length: 13\r\nconnection: close\r\n\r\n<html>down...",
    Mode.GARBAGE: b'HTTP/1.1 200 OK\r\ncontent-length: 12\r\nconnection: close\r\n\r\n{"lease_id":',
}


class Proxy:
    """Passes bytes on, until it is told otherwise; a change of mode breaks off what is open."""

    def __init__(self, target_port: int) -> None:
        """Stand before a port on loopback."""
        self.target_port = target_port
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self.mode = Mode.PASS
        self.requests = 0
        """Connections that were taken."""
        with bound_socket("127.0.0.1", 0) as free:
            self.port = free.getsockname()[1]

    async def start(self) -> None:
        """Listen."""
        await self.become(Mode.PASS)

    async def become(self, mode: Mode) -> None:
        """Do this from now on."""
        self.mode = mode
        await self.close()
        if mode is not Mode.REFUSE:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def close(self) -> None:
        """Break everything off, and listen no more."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.requests += 1
        try:
            await self._do(reader, writer)
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError, BaseExceptionGroup):
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _do(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode is Mode.PASS:
            await self._pass(reader, writer)
            return
        await reader.readuntil(b"\r\n\r\n")
        writer.write(_ANSWERS.get(self.mode, b""))
        if self.mode is Mode.DRIP:
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n")
        while self.mode in (Mode.DRIP, Mode.SILENT):
            writer.write(b" " if self.mode is Mode.DRIP else b"")
            await asyncio.sleep(0.05)
        if self.mode in _ANSWERS:
            await writer.drain()
            await asyncio.sleep(0.05)  # so that the answer is read before the connection goes

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target_port)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(reader, back))
                group.create_task(_pump(there, writer))
        finally:
            back.transport.abort()


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while chunk := await reader.read(65_536):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()

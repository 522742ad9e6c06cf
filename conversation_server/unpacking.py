"""Unpacking: a body that came in packed with gzip is read piece by piece, and never more of it than its size allows.

Memory holds one piece; what was stored before a fault is found stays, as in every import.
"""

import zlib
from typing import Final

from starlette.types import Message, Receive

from conversation_genome.errors import InputError, RequestTooLargeError

PIECE_BYTES: Final = 65_536
MAX_RATIO: Final = 200
"""Times the packed size; talk comes to 3 to 20."""
ALWAYS_BYTES: Final = 1_000_000
"""May be unpacked whatever the ratio."""
MAX_UNPACKED_BYTES: Final = 16_000_000_000
NAMES: Final = frozenset({"gzip", "x-gzip"})
"""What Content-Encoding may say (RFC 9110, section 8.4.1.3)."""
_GZIP_WINDOW: Final = 31
"""zlib's number for the header and trailer of gzip with the largest window."""


class Unpacked:
    """A `receive` whose body comes out unpacked; a gzip may have several members, one after the other."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._stream = zlib.decompressobj(_GZIP_WINDOW)
        self._rest = b""
        self._packed_bytes = self._unpacked_bytes = 0
        self._is_last = False

    async def __call__(self) -> Message:
        """Return the next message.

        Raises:
            InputError: If the body is no gzip, or ends in its middle.
            RequestTooLargeError: If it unpacks to more than is read.
        """
        while not self._is_last and not self._rest:
            message = await self._receive()
            if message["type"] != "http.request":
                return message
            self._rest = message.get("body", b"")
            self._packed_bytes += len(self._rest)
            self._is_last = not message.get("more_body", False)
        body = self._next_piece()
        is_done = self._is_last and not self._rest
        if is_done and self._packed_bytes and not self._stream.eof:
            raise InputError("the packed body ends in its middle; send it again")
        return {"type": "http.request", "body": body, "more_body": not is_done}

    def _next_piece(self) -> bytes:
        if not self._rest:
            return b""
        if self._stream.eof:
            self._stream = zlib.decompressobj(_GZIP_WINDOW)
        try:
            piece = self._stream.decompress(self._rest, PIECE_BYTES)
        except zlib.error as exc:
            raise InputError("the body is no gzip, though Content-Encoding says so") from exc
        self._rest = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        self._unpacked_bytes += len(piece)
        most = min(MAX_UNPACKED_BYTES, ALWAYS_BYTES + MAX_RATIO * self._packed_bytes)
        if self._unpacked_bytes > most:
            raise RequestTooLargeError(
                f"the packed body unpacks to more than {most:,} bytes: at most {MAX_RATIO} times its size "
                f"and {MAX_UNPACKED_BYTES:,} bytes are read; send it in parts"
            )
        return piece

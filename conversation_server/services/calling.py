"""Which validator is calling, by signature and metagraph. In doubt, none.

A request's nonce is used up in the same transaction as what the request brings about (`use`): what it asks for
is done once or not at all, whatever process it is sent to again.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.errors import AuthenticationError, StaleMetagraphError
from conversation_genome.protocol.signing import FRESHNESS_SECONDS, MemoryNonceStore, verify
from conversation_server.db import nonces
from conversation_server.services.tools import Tools

NONCE_SECONDS: Final = FRESHNESS_SECONDS + 8.0
"""How long a nonce is remembered: longer than it lives, by what replicas' clocks may differ."""
INLINE_BYTES: Final = 65_536
"""A body up to this size is read and its signature verified at once: a thread would cost more than the work."""


@dataclass(frozen=True, slots=True)
class Call:
    """A validator's request whose signature holds; whether it is new is for the database to say."""

    hotkey: Hotkey
    nonce: int


class _HeldNonce:
    """Takes the nonce of a request whose signature holds, if this process did not see it before."""

    retention: Final = NONCE_SECONDS

    def __init__(self, seen: MemoryNonceStore) -> None:
        self.nonce = 0
        self._seen = seen

    def check_and_store(self, hotkey: str, nonce: int, /) -> bool:
        """Keep the nonce; False if this process saw it before."""
        self.nonce = nonce
        return self._seen.check_and_store(hotkey, nonce)


class Callers:
    """Establishes who calls."""

    def __init__(self, tools: Tools, *, hotkey: Hotkey, admission: Admission) -> None:
        self._tools = tools
        self._hotkey = hotkey
        self._admission = admission
        self._seen = MemoryNonceStore(NONCE_SECONDS)

    async def validator(self, headers: Mapping[str, str], body: bytes, *, method: str, path: str) -> Call:
        """Return the call of a validator that may call.

        Args:
            headers: As received.
            body: The raw bytes.
            method: The HTTP method.
            path: The request target as received, query included.

        Raises:
            AuthenticationError: If the request does not prove who sent it, or was sent to this process before.
            PermissionDeniedError: If the caller is no validator, or holds too little stake.
            StaleMetagraphError: If it cannot be told.
        """
        if len(body) > INLINE_BYTES:
            call = await asyncio.to_thread(self._signed, headers, body, method, path)
        else:
            call = self._signed(headers, body, method, path)
        if not self._is_known(call.hotkey):  # then the chain may be read
            least = self._tools.settings.server_min_stake
            await asyncio.to_thread(self._admission.admit, call.hotkey, needs_permit=True, min_stake=least)
        return call

    async def neuron(self, headers: Mapping[str, str], *, method: str, path: str) -> Hotkey:
        """Return who sent a request without a body: a registered hotkey, with or without a permit.

        Args:
            headers: As received.
            method: The HTTP method.
            path: The request target as received, query included.

        Raises:
            AuthenticationError: If the request does not prove who sent it, or was sent to this process before.
            PermissionDeniedError: If the caller is not registered.
            StaleMetagraphError: If it cannot be told.
        """
        hotkey = self._signed(headers, b"", method, path).hotkey
        await asyncio.to_thread(self._admission.admit, hotkey, needs_permit=False, min_stake=0.0)
        return hotkey

    def _signed(self, headers: Mapping[str, str], body: bytes, method: str, path: str) -> Call:
        held = _HeldNonce(self._seen)
        caller = verify(headers, body, method=method, path=path, receiver=self._hotkey, nonces=held)
        return Call(caller, held.nonce)

    def _is_known(self, hotkey: Hotkey) -> bool:
        """Return whether the copy of the metagraph that is there, and fresh, lets this hotkey in."""
        try:
            neuron = self._admission.metagraph().by_hotkey.get(hotkey)
        except StaleMetagraphError:
            return False
        least = self._tools.settings.server_min_stake
        return neuron is not None and neuron.validator_permit and neuron.stake >= least


def use(connection: Connection, call: Call, *, now: float) -> None:
    """Use up a call's nonce in the transaction that does what the call asks for.

    Raises:
        AuthenticationError: If it was used before.
    """
    if not nonces.use(connection, call.hotkey, call.nonce, now=now, expires_at=now + NONCE_SECONDS):
        raise AuthenticationError("this request was received before; sign every request anew")

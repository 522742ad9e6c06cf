"""API keys: who holds one, and what it lets them do. A key is shown once and stored as its SHA-256.

A key is `cgp_<id>_<secret>`: the id finds the row, the secret has 256 random bits. So a fast hash is enough: there
is nothing to guess that a slow one would protect, and a slow one would let strangers spend the processor's time.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from sqlalchemy import Row

from conversation_genome.errors import AuthenticationError, InputError, NotFoundError, PermissionDeniedError
from conversation_genome.protocol.administration import (
    ApiKey,
    ApiKeyList,
    KeyRequest,
    KeyRotation,
    NewApiKey,
    Scope,
)
from conversation_server.db import keys
from conversation_server.db.database import Database
from conversation_server.services.times import at
from conversation_server.services.tools import Tools

USE_SECONDS: Final = 60.0
"""How often at most the last use of a key is written down."""
BOOTSTRAP_ID: Final = "bootstrap"
_FORM: Final = re.compile(r"^cgp_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$")
_MISSING: Final = "an API key is missing or wrong; send it as `Authorization: Bearer KEY`"


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Who holds an API key that holds."""

    id: str
    """The key's."""
    name: str
    scopes: frozenset[Scope]

    def may(self, scope: Scope) -> bool:
        """Return whether the key lets its holder do this; the administrator may do everything."""
        return scope in self.scopes or Scope.ADMIN in self.scopes

    def need(self, scope: Scope) -> None:
        """Pass if the key has a scope.

        Raises:
            PermissionDeniedError: If it has not.
        """
        if not self.may(scope):
            raise PermissionDeniedError(
                f"the API key {self.name!r} has not the scope {scope.value!r}; use one that has it"
            )


BOOTSTRAP: Final = KeyHolder(BOOTSTRAP_ID, "the key of CGP_SERVER_ADMIN_KEY_SHA256", frozenset({Scope.ADMIN}))
"""Whoever holds the key that the settings name: the first administrator, who makes the other keys."""


class Keys:
    """Makes keys, checks them, takes them back."""

    def __init__(self, database: Database, tools: Tools) -> None:
        self._database = database
        self._clock = tools.clock
        self._bootstrap = tools.settings.server_admin_key_sha256.get_secret_value().strip().lower()

    async def check(self, key: str) -> KeyHolder:
        """Return who holds a key; how long it takes does not tell how much of the key is right.

        Raises:
            AuthenticationError: If it is none of ours, was revoked, or is over.
            PermissionDeniedError: If this server has no keys at all.
        """
        if self._bootstrap and key and hmac.compare_digest(_digest(key), self._bootstrap):
            return BOOTSTRAP
        form = _FORM.match(key)
        row = await self._row(form[1]) if form else None
        now = self._clock()
        if row is None or not _is_key(key, row, now):
            await self._refuse()
        assert row is not None, "a key without a row is refused above"
        _check_life(row, now)
        if row.last_used_at is None or row.last_used_at < now - USE_SECONDS:
            touch = partial(keys.touch, key_id=row.id, now=now, before=now - USE_SECONDS)
            await self._database.transact(touch, is_write=True)
        return KeyHolder(row.id, row.name, frozenset(_scopes(row)))

    async def create(self, request: KeyRequest, maker: KeyHolder) -> NewApiKey:
        """Make a key; the answer is the only place where it is ever seen."""
        identifier, now = secrets.token_hex(6), self._clock()
        key = _new_key(identifier)
        values = {
            "id": identifier,
            "name": request.name,
            "digest": _digest(key),
            "scopes": " ".join(sorted(set(request.scopes))),
            "made_by": maker.id,
            "created_at": now,
            "expires_at": None if request.lifetime_seconds is None else now + request.lifetime_seconds,
        }
        await self._database.transact(partial(keys.add, values=values), is_write=True)
        return NewApiKey(key=key, details=await self.details(identifier))

    async def rotate(self, key_id: str, request: KeyRotation) -> NewApiKey:
        """Give a key a new secret; the one before is taken for as long as is asked for.

        Raises:
            NotFoundError: If there is no such key.
            InputError: If it is revoked or over.
        """
        row, now = await self._known_row(key_id), self._clock()
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            raise InputError(f"the API key {key_id!r} is revoked or over and cannot be rotated; make a new one")
        key = _new_key(key_id)
        values: dict[str, Any] = {
            "digest": _digest(key),
            "old_digest": row.digest,
            "old_until": now + request.overlap_seconds,
        }
        if request.lifetime_seconds is not None:
            values["expires_at"] = now + request.lifetime_seconds
        await self._database.transact(partial(keys.rotate, key_id=key_id, values=values), is_write=True)
        return NewApiKey(key=key, details=await self.details(key_id))

    async def revoke(self, key_id: str) -> ApiKey:
        """Take a key back, at once and for good.

        Raises:
            NotFoundError: If there is no such key.
        """
        await self._known_row(key_id)
        await self._database.transact(partial(keys.revoke, key_id=key_id, now=self._clock()), is_write=True)
        return await self.details(key_id)

    async def details(self, key_id: str) -> ApiKey:
        """Return everything of a key but its secret.

        Raises:
            NotFoundError: If there is no such key.
        """
        return _api_key(await self._known_row(key_id), self._clock())

    async def every(self) -> ApiKeyList:
        """Return all keys, newest first."""
        rows: Sequence[Row[Any]] = await self._database.transact(keys.every, is_write=False)
        return ApiKeyList(keys=tuple(_api_key(row, self._clock()) for row in rows))

    async def _row(self, key_id: str) -> Row[Any] | None:
        return await self._database.transact(partial(keys.with_id, key_id=key_id), is_write=False)

    async def _known_row(self, key_id: str) -> Row[Any]:
        row = await self._row(key_id)
        if row is None:
            raise NotFoundError(f"there is no API key {key_id[:100]!r}; `cgp keys list` shows those that are")
        return row

    async def _refuse(self) -> None:
        """Say that a key is wrong, or that there is none that could be right."""
        if not self._bootstrap and not await self._database.transact(keys.is_any, is_write=False):
            raise PermissionDeniedError(
                "this server takes no administrator; set CGP_SERVER_ADMIN_KEY_SHA256 to have one"
            )
        raise AuthenticationError(_MISSING)


def bearer(authorization: str | None) -> str:
    """Return the key that an Authorization header carries; empty for none."""
    scheme, _, key = (authorization or "").partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _new_key(identifier: str) -> str:
    return f"cgp_{identifier}_{secrets.token_urlsafe(32)}"


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _is_key(key: str, row: Row[Any], now: float) -> bool:
    digest = _digest(key)
    is_new = hmac.compare_digest(digest, row.digest)
    is_old = hmac.compare_digest(digest, row.old_digest or "")
    return is_new or (is_old and row.old_until is not None and now < row.old_until)


def _check_life(row: Row[Any], now: float) -> None:
    if row.revoked_at is not None:
        raise AuthenticationError(f"the API key {row.id!r} was revoked; ask the administrator for another one")
    if row.expires_at is not None and row.expires_at <= now:
        raise AuthenticationError(f"the API key {row.id!r} is over; ask the administrator for another one")


def _scopes(row: Row[Any]) -> tuple[Scope, ...]:
    return tuple(map(Scope, row.scopes.split()))


def _api_key(row: Row[Any], now: float) -> ApiKey:
    is_old_taken = row.old_until is not None and row.old_until > now and row.revoked_at is None
    return ApiKey(
        id=row.id,
        name=row.name,
        scopes=_scopes(row),
        made_by=row.made_by,
        created_at=at(row.created_at),
        expires_at=None if row.expires_at is None else at(row.expires_at),
        revoked_at=None if row.revoked_at is None else at(row.revoked_at),
        last_used_at=None if row.last_used_at is None else at(row.last_used_at),
        old_until=at(row.old_until) if is_old_taken else None,
    )

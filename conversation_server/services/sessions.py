"""Sessions of the console: begun with an API key, held by a random token in the browser's cookie.

The database keeps the token's SHA-256, so that whoever reads a backup can log in as nobody, and any replica knows
the session. At every request the key is looked at anew: a key that is revoked, over or rotated ends its sessions.
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from functools import partial
from typing import Final

from conversation_genome.protocol.administration import Scope
from conversation_server.db import keys, sessions
from conversation_server.db.database import Database
from conversation_server.db.sessions import StoredSession
from conversation_server.services.keys import BOOTSTRAP, BOOTSTRAP_ID, KeyHolder, Keys
from conversation_server.services.tools import Tools

SESSION_SECONDS: Final = 12 * 3_600.0


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody who is logged in."""

    holder: KeyHolder
    csrf: str
    """What a form of this session must carry; whoever cannot read the cookie cannot make it."""
    expires_at: float


class Sessions:
    """Begins, resumes and ends sessions."""

    def __init__(self, database: Database, tools: Tools, api_keys: Keys) -> None:
        self._database = database
        self._clock = tools.clock
        self._keys = api_keys
        self._bootstrap = tools.settings.server_admin_key_sha256.get_secret_value().strip().lower()

    async def begin(self, key: str) -> str:
        """Return the token of a new session for whoever holds this API key.

        Raises:
            AuthenticationError: If the key is none of ours, was revoked, or is over.
            PermissionDeniedError: If the server has no keys, or this one may not read.
        """
        holder = await self._keys.check(key)
        holder.need(Scope.READ)
        token, now = secrets.token_urlsafe(32), self._clock()
        session = StoredSession(holder.id, _digest(key), now + SESSION_SECONDS)
        add = partial(sessions.add, token_digest=_digest(token), session=session, now=now)
        await self._database.transact(add, is_write=True)
        return token

    async def resume(self, token: str) -> Session | None:
        """Return the session of a token; None if there is none, or its key no longer holds."""
        if not token:
            return None
        find = partial(sessions.with_digest, token_digest=_digest(token))
        stored = await self._database.transact(find, is_write=False)
        if stored is None or stored.expires_at <= self._clock():
            return None
        holder = await self._holder(stored)
        return None if holder is None else Session(holder, _digest(f"form {token}"), stored.expires_at)

    async def end(self, token: str) -> None:
        """Forget a session."""
        remove = partial(sessions.remove, token_digest=_digest(token))
        await self._database.transact(remove, is_write=True)

    async def _holder(self, stored: StoredSession) -> KeyHolder | None:
        if stored.key_id == BOOTSTRAP_ID:
            return BOOTSTRAP if hmac.compare_digest(stored.key_digest, self._bootstrap) else None
        row = await self._database.transact(partial(keys.with_id, key_id=stored.key_id), is_write=False)
        now = self._clock()
        if row is None or row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return None
        is_old = row.old_until is not None and now < row.old_until and stored.key_digest == row.old_digest
        if stored.key_digest != row.digest and not is_old:
            return None
        return KeyHolder(row.id, row.name, frozenset(map(Scope, row.scopes.split())))


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()

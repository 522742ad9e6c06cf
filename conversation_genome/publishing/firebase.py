"""Merged records in a Firebase Realtime Database: what differs is written, what is gone is deleted.

The only module that imports firebase_admin. `conversation_genome/records/<key>` holds a record and
`conversation_genome/revisions/<key>` its revision; both are written in one request, so a mirroring that was interrupted
goes on where it was.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import orjson

from conversation_genome.errors import AuthenticationError, InputError, UnavailableError
from conversation_genome.publishing.licences import redistribution_licence
from conversation_genome.publishing.publication import Mirrored
from conversation_genome.record import MergedRecord

ROOT: Final = "conversation_genome"
BATCH_RECORDS: Final = 200
BATCH_BYTES: Final = 8 * 1024 * 1024
"""Of one request; Realtime Database takes 16 MB from REST."""
TIMEOUT_SECONDS: Final = 60
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})


def mirror(
    records: Iterable[MergedRecord], url: str, *, progress: Callable[[int], object] = lambda _done: None
) -> Mirrored:
    """Make a Realtime Database hold the records that a licence lets be passed on, and return what had to be done.

    Args:
        records: Masked, as they may be published.
        url: Of the database, such as `https://<name>.firebaseio.com`. The account is that of Google's own
            variable, GOOGLE_APPLICATION_CREDENTIALS; a database on loopback is written to without one.
        progress: Is told the records that were looked at.

    Raises:
        InputError: If the extra `[firebase]` is not installed or the URL is none.
        AuthenticationError: If there is no account, or it may not write.
        UnavailableError: If the database does not answer, or refuses.
    """
    with _database(url) as root:
        known: dict[str, str] = root.child("revisions").get() or {}
        counts = {"written": 0, "unchanged": 0}
        seen: set[str] = set()
        batch = _Batch(root)
        for number, record in enumerate(_permitted(records), start=1):
            body = record.model_dump_json()
            key, revision = _key(record), hashlib.sha256(body.encode()).hexdigest()[:16]
            seen.add(key)
            counts["unchanged" if known.get(key) == revision else "written"] += 1
            if known.get(key) != revision:
                batch.add(key, orjson.loads(body), revision, len(body))
            progress(number)
        gone = sorted(known.keys() - seen)
        for key in gone:
            batch.add(key, None, None, len(key))
        batch.send()
    return Mirrored(url=url, deleted=len(gone), **counts)


def _permitted(records: Iterable[MergedRecord]) -> Iterator[MergedRecord]:
    return (record for record in records if redistribution_licence(record.conversation.license) is not None)


def _key(record: MergedRecord) -> str:
    """Return a key of letters and digits: ids may hold what Firebase forbids in keys."""
    return hashlib.sha256(record.conversation.id.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _Batch:
    """Changes that go out in one request, which is applied whole or not at all."""

    def __init__(self, root: Any) -> None:
        self._root = root
        self._changes: dict[str, Any] = {}
        self._bytes = 0

    def add(self, key: str, record: Any, revision: str | None, size: int) -> None:
        """Add a record, or its deletion; what is full is sent before."""
        if len(self._changes) >= 2 * BATCH_RECORDS or (self._changes and self._bytes + size > BATCH_BYTES):
            self.send()
        self._changes |= {f"records/{key}": record, f"revisions/{key}": revision}
        self._bytes += size

    def send(self) -> None:
        """Send what was added."""
        if self._changes:
            self._root.update(self._changes)
        self._changes, self._bytes = {}, 0


@contextmanager
def _database(url: str) -> Iterator[Any]:
    try:  # an optional extra: whoever does not mirror need not have it
        import firebase_admin  # noqa: PLC0415
        from firebase_admin import db, exceptions  # noqa: PLC0415
        from google.auth.exceptions import GoogleAuthError  # noqa: PLC0415
    except ModuleNotFoundError as exc:
        raise InputError("--firebase needs the extra: pip install 'conversation-genome[firebase]'") from exc
    options = {"databaseURL": _checked(url), "httpTimeout": TIMEOUT_SECONDS}
    app = firebase_admin.initialize_app(options=options, name=f"mirror-{secrets.token_hex(4)}")
    try:
        yield db.reference(ROOT, app)
    except (GoogleAuthError, exceptions.PermissionDeniedError, exceptions.UnauthenticatedError) as exc:
        raise AuthenticationError(f"{url} does not let this account write: {exc}") from exc
    except exceptions.FirebaseError as exc:
        raise UnavailableError(
            f"{url} refused or did not answer: {exc}; the same command goes on where it was"
        ) from exc
    finally:
        firebase_admin.delete_app(app)


def _checked(url: str) -> str:
    """Return the database's URL as the SDK takes it: one on loopback, without TLS, needs the name of a database."""
    parts = urlsplit(url)
    if parts.scheme == "https" and parts.hostname:
        return f"https://{parts.netloc}"
    if parts.scheme == "http" and parts.hostname in _LOOPBACK:
        return f"http://{parts.netloc}/?{parts.query or 'ns=conversation-genome'}"
    raise InputError(f"--firebase {url!r} is no database; give https://NAME.firebaseio.com, or an emulator on loopback")

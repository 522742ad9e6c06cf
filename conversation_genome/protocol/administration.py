"""What the operator and the conversation server say to each other about API keys and the log of acts.

Additive to `messages`: the same base, frozen and closed.
"""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Final

from pydantic import Field

from conversation_genome.protocol.messages import Message

DAY_SECONDS: Final = 86_400
MAX_KEY_SECONDS: Final = 10 * 366 * DAY_SECONDS


class Scope(StrEnum):
    """What an API key lets its holder do."""

    READ = "read"
    """Read what the server shows: conversations, tags, miners, search, publications."""
    IMPORT = "import"
    """Put conversations in."""
    PUBLISH = "publish"
    """Write the dataset."""
    ADMIN = "admin"
    """Everything: the other scopes, labels, deletion, miners' answers, keys, the log of acts."""


Seconds = Annotated[float, Field(gt=0, le=MAX_KEY_SECONDS, allow_inf_nan=False)]


class KeyRequest(Message):
    """A key that is to be made."""

    name: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00-\x1f\x7f]*$")]
    """Says who or what uses it."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=4)]
    lifetime_seconds: Seconds | None = None
    """After which it is refused; None for a key that does not expire."""


class KeyRotation(Message):
    """A key that is to get a new secret."""

    overlap_seconds: Annotated[float, Field(ge=0, le=30 * DAY_SECONDS, allow_inf_nan=False)] = DAY_SECONDS
    """How long the old one is still taken."""
    lifetime_seconds: Seconds | None = None
    """Of the new one, from now on; None leaves the day of expiry as it is."""


class ApiKey(Message):
    """A key as the list shows it: everything but the secret."""

    id: str
    name: str
    scopes: tuple[Scope, ...]
    made_by: str
    """The id of the key that made it."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    """To the minute."""
    old_until: datetime | None
    """Until when the secret before the last rotation is taken; None where none is."""


class NewApiKey(Message):
    """A key that was made or rotated: the only time that it is shown."""

    key: str
    """`cgp_<id>_<secret>`; the server keeps its SHA-256 alone."""
    details: ApiKey


class ApiKeyList(Message):
    """All keys, newest first; those that are over, too."""

    keys: tuple[ApiKey, ...]


class Act(Message):
    """One administrative act."""

    id: int
    """Counts up."""
    begun_at: datetime
    key_id: str
    key_name: str
    action: str
    """`<noun>.<verb>`."""
    target: str
    """What it was done to; empty where it has no id."""
    request_id: str
    outcome: str | None
    """`done`, the code of the error, or None where it is under way or the server ended in the middle of it."""
    ended_at: datetime | None


class ActPage(Message):
    """One page of the log of acts, newest first."""

    acts: tuple[Act, ...]
    next_cursor: str | None
    """Give it back to get the next page; None at the end."""

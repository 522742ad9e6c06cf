"""The versioned wire messages; frozen, closed (`extra="forbid"`) and bounded in size.

Two conversations are held in these words: validator and miner (`POST /v1/tasks`), and validator and
conversation server (leases, ground truth, submissions).
"""

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import MAX_PROFILES, MAX_TAGS, Outcome, Profile, Tag

PROTOCOL_VERSION: Final = 1
MAX_ANSWER_BYTES: Final = 1_000_000
"""What a validator reads of one answer; the rest is not even received."""
MAX_TASK_BYTES: Final = 4_000_000
MAX_DIMENSIONS: Final = 4_096
MAX_CONTENT_HASHES: Final = 1_000

Score = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
Line = tuple[Annotated[int, Field(ge=0)], str]


class Message(BaseModel):
    """The base of everything on the wire."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Embeddings(Message):
    """A miner's own vectors, one a tag in the order of the tags; spot-checked, never used to grade."""

    model: Annotated[str, Field(min_length=1, max_length=200)]
    revision: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """What pins the model's weights; None where the miner does not say."""
    dimensions: Annotated[int, Field(ge=1, le=MAX_DIMENSIONS)]
    vectors: Annotated[
        tuple[Annotated[tuple[float, ...], Field(max_length=MAX_DIMENSIONS)], ...], Field(max_length=MAX_TAGS)
    ]


class MinerTask(Message):
    """What a validator asks of a miner. It names no source, no id of ours and no person."""

    protocol_version: Literal[1] = PROTOCOL_VERSION
    task_id: Annotated[str, Field(min_length=1, max_length=100)]
    """Random, different for every miner."""
    task_type: Annotated[str, Field(min_length=1, max_length=100)]
    participants: Annotated[tuple[str, ...], Field(min_length=1, max_length=10_000)]
    """SPEAKER_0 .. SPEAKER_n."""
    lines: Annotated[tuple[Line, ...], Field(min_length=1, max_length=2_000)]
    language: Annotated[str, Field(max_length=35)] | None = None
    max_tags: Annotated[int, Field(ge=1, le=MAX_TAGS)] = 20
    timeout_seconds: Annotated[float, Field(gt=0, le=600)]
    """An answer that takes longer scores 0."""


class MinerAnswer(Message):
    """What a miner returns for a task."""

    protocol_version: Literal[1] = PROTOCOL_VERSION
    task_id: Annotated[str, Field(min_length=1, max_length=100)]
    tags: Annotated[tuple[Tag, ...], Field(max_length=MAX_TAGS)]
    profiles: Annotated[tuple[Profile, ...], Field(max_length=MAX_PROFILES)] = ()
    embeddings: Embeddings | None = None
    engine: Annotated[str, Field(min_length=1, max_length=100)]


class LeasedWindow(Message):
    """A window of the bundle, by the id under which it is graded."""

    window_id: str
    level: int
    start: int
    end: int
    thread: int | None = None
    lines: tuple[int, ...] | None = None


class LeaseRequest(Message):
    """Asks for the next bundle; one that the validator holds and does not name is given out again first."""

    protocol_version: Literal[1] = PROTOCOL_VERSION
    holding: Annotated[tuple[str, ...], Field(max_length=64)] = ()
    """Lease ids that the validator is at work on; empty after a restart."""
    task_types: Annotated[tuple[str, ...], Field(min_length=1, max_length=20)] = ("conversation_tagging",)


class Bundle(Message):
    """One conversation and its windows, held by one validator until the lease expires."""

    protocol_version: Literal[1] = PROTOCOL_VERSION
    lease_id: str
    expires_at: datetime
    attempt: int
    """1 at the first hand-out; counts up each time an expired lease is handed out again."""
    task_type: str
    conversation: dict[str, Any]
    """A uniform conversation record without labels."""
    windows: tuple[LeasedWindow, ...]
    submitted: tuple[tuple[str, str], ...] = ()
    """(window id, miner hotkey) of what was submitted under this lease before: not to be asked again."""


class Submission(Message):
    """One miner's answer to one window, with the score that the validator gave."""

    protocol_version: Literal[1] = PROTOCOL_VERSION
    lease_id: str
    window_id: str
    miner_hotkey: Annotated[str, Field(min_length=1, max_length=100)]
    miner_uid: Annotated[int, Field(ge=0)]
    outcome: Outcome
    detail: Annotated[str, Field(max_length=500)] = ""
    """Why the answer was not scored, in one sentence; empty when it was."""
    answer: MinerAnswer | None = None
    """The answer unmasked: task_id is the window id, profiles name the real participants, two vectors at most."""
    shown: Annotated[tuple[Annotated[int, Field(ge=0)], ...], Field(max_length=2_000)] | None = None
    """The lines of the conversation that this miner was sent; None where it was sent the whole window."""
    seconds: Annotated[float, Field(ge=0)]
    score: Score
    reward: Score
    """Share of the window's reward."""
    scoring_version: Annotated[str, Field(min_length=1, max_length=50)]


class Receipt(Message):
    """The server's answer to a submission: durable before it is sent."""

    submission_id: str
    score: Score
    """Computed by the server itself, from the stored ground truth."""
    reasons: tuple[str, ...] = ()
    agrees: bool
    """False when the validator's score differs by more than rounding."""
    is_duplicate: bool
    """True when this (lease, window, hotkey) was submitted before; nothing was changed."""


class LeaseStatus(Message):
    """Where a lease stands after a renewal, a release or a completion."""

    lease_id: str
    state: Literal["held", "released", "completed"]
    expires_at: datetime | None = None


class ImportFault(Message):
    """One record of an import that was refused."""

    line: int
    message: str


class ImportReport(Message):
    """What an import did, record by record."""

    imported: int
    duplicates: int
    """Records whose content was there before, under any id."""
    refused: tuple[ImportFault, ...] = ()
    """The first 10,000 of them."""
    refused_total: int = 0


class ContentHashes(Message):
    """Hashes of the content of conversations: those asked about, or those that are there."""

    hashes: Annotated[tuple[Annotated[str, Field(pattern="^[0-9a-f]{64}$")], ...], Field(max_length=MAX_CONTENT_HASHES)]


class Problem(Message):
    """The body of every answer that is not a success."""

    code: str
    message: str
    request_id: str | None = None

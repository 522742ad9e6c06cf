"""What the conversation server tells those who read it: the operator, the local network, a page, a script.

Additive to `messages`: the same base, frozen and closed.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from conversation_genome.annotation import Aspect, Outcome, Profile
from conversation_genome.protocol.finding import FoundPassage, SearchSort
from conversation_genome.protocol.messages import LeasedWindow, Message


class ConversationState(StrEnum):
    """Where a conversation stands on its way from the import to the dataset."""

    WAITING = "waiting"
    """To be leased."""
    LEASED = "leased"
    """A validator is at work on it; handed out again when the lease runs out."""
    COMPLETED = "completed"
    """Graded; to be merged and written to the vector store."""
    PUBLISHED = "published"
    """Merged and searchable; in the dataset from the next publication on."""
    TOO_SHORT = "too_short"
    """Stored, never handed out: too little to cut windows from, or garbled, empty or one-sided; the detail says which."""
    FAILED = "failed"
    """Merging failed again and again; the detail says why."""
    QUARANTINED = "quarantined"
    """Validators failed on it again and again; the detail says why."""


class ConversationSummary(Message):
    """A conversation as the list shows it."""

    id: str
    source: str
    language: str | None
    lines: int
    participants: int
    windows: int
    state: ConversationState
    attempts: int
    """How often it was leased."""
    detail: str
    """Why it is `too_short`, `failed` or `quarantined`, or was given back; else empty."""
    imported_at: datetime


class ConversationPage(Message):
    """One page of conversations, in the order of their import."""

    conversations: tuple[ConversationSummary, ...]
    next_cursor: str | None
    """Give it back to get the next page; None at the end."""
    totals: dict[ConversationState, int]
    """Over all pages, whatever the filter."""


class MergedTag(Message):
    """A tag that miners agreed on."""

    text: str
    aspect: Aspect
    weight: float
    support: int
    """Miners of whom at least one scored answer holds it."""


class WindowTags(LeasedWindow):
    """A window with its consensus, once there is one."""

    tags: tuple[MergedTag, ...] = ()
    answers: int = 0
    """Scored answers that went in."""


class QualityFigures(Message):
    """The five dimensions and the index they make; only of `boring_index` less is better."""

    relevance: float
    engagement: float
    novelty: float
    coherence: float
    fluency: float
    boring_index: float
    lines: tuple[float, ...]


class ValidatorAgreement(Message):
    """How far two validators who graded the same conversation say the same."""

    validators: tuple[str, str]
    """Their hotkeys."""
    tags: float
    """How alike their ground truths are: mean cosine of each tag to the closest of the other, in [0, 1]."""
    score_difference: float | None
    """Mean difference of the scores of answers that both asked for; None where there is none."""
    answers: int
    """Miners' answers to the same window that both graded."""


class ConversationDetail(Message):
    """All that is known of one conversation."""

    summary: ConversationSummary
    record: dict[str, Any]
    """The uniform record; its labels are shown to the administrator alone."""
    windows: tuple[WindowTags, ...]
    tags: tuple[MergedTag, ...] = ()
    profiles: tuple[Profile, ...] = ()
    quality: QualityFigures | None = None
    miners: int = 0
    validators: int = 0
    agreements: tuple[ValidatorAgreement, ...] = ()
    """One for each pair of validators that graded it."""
    merged_at: datetime | None = None


class Deletion(Message):
    """The receipt for a conversation that was deleted."""

    id: str
    places: tuple[str, ...]
    """Where it was removed from."""
    deleted_at: datetime


class TagCount(Message):
    """A tag and how far it reaches."""

    text: str
    aspect: Aspect
    conversations: int
    support: int
    """Summed over the conversations."""


class TagList(Message):
    """Tags of published conversations, most conversations first."""

    tags: tuple[TagCount, ...]


class SearchHit(Message):
    """A conversation, or a part of one, that answers a query."""

    conversation_id: str
    window_id: str | None
    """None where the whole conversation was found."""
    score: float
    """Higher is closer; comparable within one answer only."""
    tags: tuple[str, ...]
    snippet: str
    """The lines that answer."""
    title: str = ""
    """The early line that says best what the conversation is about."""
    reasons: tuple[str, ...] = ()
    """Why it was found, in plain words, strongest first."""
    source: str | None = None
    language: str | None = None
    started_at: datetime | None = None
    speakers: tuple[str, ...] = ()
    """Who says something in it."""
    passages: tuple[FoundPassage, ...] = ()
    """The windows that answer, best first, with their lines."""
    near_copies: tuple[str, ...] = ()
    """Ids of conversations that would be found for the same, for they are nearly the same."""


class SearchHits(Message):
    """One page of the answer to a query."""

    query: str
    hits: tuple[SearchHit, ...]
    sort: SearchSort = SearchSort.RELEVANCE
    next_cursor: str | None = None
    """Give it back with the same query and order to get the next page; None at the end."""
    is_changed: bool = False
    """True if what is searched changed since the page before: a hit may then come twice or have been passed over."""


class SimilarConversations(Message):
    """Conversations that are like one, most similar first."""

    conversation_id: str
    hits: tuple[SearchHit, ...]


class MinerStanding(Message):
    """What the server knows of a miner, by hotkey."""

    hotkey: str
    uid: int
    """The uid under which it answered last."""
    answers: int
    outcomes: dict[Outcome, int]
    mean_score: float
    """Over all answers; one that was late, malformed or missing counts 0."""
    reward_share: float
    """Share of all reward that was divided, in [0, 1]; the shares sum to 1."""


class MinerList(Message):
    """All miners that were asked, highest reward first."""

    miners: tuple[MinerStanding, ...]


class ValidatorStanding(Message):
    """What the server knows of a validator, by hotkey."""

    hotkey: str
    leases: dict[str, int]
    """How many are held, completed, released and expired."""
    answers: int
    """Submissions that count."""
    disagreements: int
    """Of them, those whose claimed score is not the server's."""
    is_flagged: bool
    """True if there is any such: a validator with the same version of the scoring never has one."""
    tag_agreement: float | None
    """Mean likeness of its ground truths to those of others for the same conversations, in [0, 1]; None without any."""
    score_difference: float | None
    """Mean difference of its scores from those of others for the same answers; None without any."""


class ValidatorList(Message):
    """All validators that ever held a lease, most answers first."""

    validators: tuple[ValidatorStanding, ...]


class MinerAnswerSummary(Message):
    """One answer of a miner and what it earned."""

    submission_id: str
    conversation_id: str
    window_id: str
    validator_hotkey: str
    outcome: Outcome
    detail: str
    score: float
    """As the server computed it."""
    claimed_score: float
    """As the validator gave it."""
    agrees: bool
    reasons: tuple[str, ...]
    reward: float | None
    """Share of the window's reward; None until the lease is completed."""
    standing: float | None
    """Place among the answers to the window, in standard deviations within [-2, 2]; None until the lease is completed."""
    seconds: float
    submitted_at: datetime


class MinerAnswerPage(Message):
    """One page of a miner's answers, newest first."""

    hotkey: str
    answers: tuple[MinerAnswerSummary, ...]
    next_cursor: str | None


class Publication(Message):
    """One writing of the dataset."""

    id: str
    path: str
    conversations: int
    left_out: int
    """Conversations whose licence does not let them be passed on."""
    revision: str
    """Equal content, equal revision."""
    files: tuple[str, ...]
    published_at: datetime


class PublicationList(Message):
    """Publications, newest first."""

    publications: tuple[Publication, ...]


class ServerStats(Message):
    """Counts that a progress bar needs."""

    conversations: dict[ConversationState, int]
    """Every state is named, 0 included."""
    windows: int
    """Of conversations that are handed out, whole ones (level 0) and segments (level 1) included."""
    tasks: int
    """Level-2 windows of them: what miners are asked about."""
    tasks_done: int
    """Level-2 windows of conversations that are completed or published."""
    answers: dict[Outcome, int]
    miners: int
    disagreements: int
    """Submissions whose claimed score is not the server's."""

"""RunSummary: everything that the end of a local run shows, whatever shows it."""

from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.annotation import Aspect, Hotkey, Outcome
from conversation_genome.quality.base import Quality

Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ConversationCounts(_Shown):
    """What became of the conversations."""

    total: int
    complete: int
    """Graded, merged and searchable."""
    too_short: int = 0
    """Stored, but there is too little to cut windows from."""


class MinerRow(_Shown):
    """One miner and what it earned."""

    uid: int
    hotkey: Hotkey
    kind: str
    """`honest (deep)`, `honest (light)`, `copier`, `stuffer`, `random`, `slow` or `malformed`."""
    answers: int
    mean_score: Share
    """Over all answers; one that was late, malformed or missing counts 0."""
    reward_share: Share
    """Share of all reward that was divided; the shares sum to 1."""
    incentive: Share
    """Share of the miners' pay that the chain grants."""


class ValidatorRow(_Shown):
    """One validator and what it did."""

    uid: int
    hotkey: Hotkey
    stake: float
    dividends: Share
    """Share of the validators' pay that the chain grants."""
    conversations: int
    """Conversations that it graded to the end."""
    answers: int
    """Answers that it graded or found missing."""


class AnswerPoint(_Shown):
    """One answer: a point of the charts."""

    kind: str
    score: Share
    standing: Annotated[float, Field(allow_inf_nan=False)] | None
    """Place among the answers to the same window, in standard deviations; None where there was none."""
    reward: Share | None
    """Share of the window's reward."""
    window: str = ""
    """Which window it answers, so that the answers to one can be joined; empty where that is not known."""


class SampleTag(_Shown):
    """A tag that miners agreed on."""

    text: str
    aspect: Aspect
    weight: Share
    support: int
    """Miners who hold it."""


class SampleConversation(_Shown):
    """A conversation to show what came out."""

    id: str
    title: str
    """Its first line that says something, shortened."""
    source: str
    lines: int
    participants: int
    tags: tuple[SampleTag, ...]
    """Best first."""
    quality: Quality


class SearchHitRow(_Shown):
    """One hit of the search."""

    conversation_id: str
    snippet: str
    tags: tuple[str, ...] = ()
    score: float


class SearchShown(_Shown):
    """A search over what was published."""

    query: str
    hits: tuple[SearchHitRow, ...]
    seconds: float | None = None


class RunSummary(_Shown):
    """A finished local run."""

    seconds: float
    """From the start of the command to the last answer merged."""
    conversations: ConversationCounts
    windows: int
    """Windows that miners were asked about."""
    answers: dict[Outcome, int]
    miners: tuple[MinerRow, ...]
    """Highest reward first."""
    validators: tuple[ValidatorRow, ...]
    points: tuple[AnswerPoint, ...]
    """One for every answer."""
    samples: tuple[SampleConversation, ...]
    search: SearchShown | None
    paths: dict[str, Path]
    """Where things lie: `database`, `vector_store`, `dataset`, `report`, `summary`, `ledger`, `logs`."""
    version: str = ""
    """Of the project."""


def summary_json(summary: RunSummary) -> dict[str, Any]:
    """Return the content of `summary.json`, which is a contract with other tools."""
    return {
        "seconds": round(summary.seconds, 3),
        "conversations": {"total": summary.conversations.total, "complete": summary.conversations.complete},
        "windows": summary.windows,
        "answers": {outcome.value: summary.answers.get(outcome, 0) for outcome in Outcome},
        "miners": [
            {
                "uid": miner.uid,
                "kind": miner.kind,
                "answers": miner.answers,
                "mean_score": round(miner.mean_score, 6),
                "reward_share": round(miner.reward_share, 6),
                "incentive": round(miner.incentive, 6),
            }
            for miner in summary.miners
        ],
        "paths": {name: str(path) for name, path in summary.paths.items()},
    }

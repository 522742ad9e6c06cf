"""Asks the server and the ledger what came out of a run."""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from conversation_genome import __version__
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Metagraph
from conversation_genome.client import AdminClient
from conversation_genome.conversation import Conversation
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import NETUID, Roster
from conversation_genome.local.summary import (
    AnswerPoint,
    ConversationCounts,
    MinerRow,
    RunSummary,
    SampleConversation,
    SampleTag,
    SearchHitRow,
    SearchShown,
    ValidatorRow,
)
from conversation_genome.protocol.reads import ConversationDetail, ConversationState, MinerAnswerSummary, ServerStats
from conversation_genome.quality.base import Quality
from conversation_genome.search.query import as_words

SAMPLES_SHOWN: Final = 3
HITS_SHOWN: Final = 3
TITLE_CHARACTERS: Final = 90


async def gather_summary(
    layout: Layout, roster: Roster, server: AdminClient, chain: Chain, *, seconds: float
) -> RunSummary:
    """Return what the end of a run shows."""
    stats = await server.stats()
    answers = {one.hotkey: await _answers(server, one.hotkey) for one in roster.miners}
    samples = await _samples(server)
    return RunSummary(
        seconds=seconds,
        conversations=_counts(stats),
        windows=stats.tasks,
        answers=stats.answers,
        miners=await _miners(roster, server, chain.metagraph(NETUID)),
        validators=_validators(roster, chain.metagraph(NETUID), answers.values()),
        points=tuple(
            AnswerPoint(
                kind=one.kind,
                score=answer.score,
                standing=answer.standing,
                reward=answer.reward,
                window=f"{answer.conversation_id} {answer.window_id}",
            )
            for one in roster.miners
            for answer in answers[one.hotkey]
        ),
        samples=tuple(_sample(one) for one in samples),
        search=await _search(server, samples),
        paths=_paths(layout),
        version=__version__,
    )


async def _answers(server: AdminClient, hotkey: Hotkey) -> tuple[MinerAnswerSummary, ...]:
    return (await server.all_miner_answers(hotkey)).answers


def _counts(stats: ServerStats) -> ConversationCounts:
    return ConversationCounts(
        total=sum(stats.conversations.values()),
        complete=stats.conversations[ConversationState.PUBLISHED],
        too_short=stats.conversations[ConversationState.TOO_SHORT],
    )


async def _miners(roster: Roster, server: AdminClient, metagraph: Metagraph) -> tuple[MinerRow, ...]:
    standings = {one.hotkey: one for one in (await server.miners()).miners}
    rows = []
    for member in roster.miners:
        neuron, standing = metagraph.by_hotkey[member.hotkey], standings.get(member.hotkey)
        rows.append(
            MinerRow(
                uid=neuron.uid,
                hotkey=member.hotkey,
                kind=member.kind,
                answers=standing.answers if standing else 0,
                mean_score=standing.mean_score if standing else 0.0,
                reward_share=standing.reward_share if standing else 0.0,
                incentive=neuron.incentive,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-row.incentive, -row.reward_share, -row.mean_score, row.uid)))


def _validators(
    roster: Roster, metagraph: Metagraph, answers: Iterable[tuple[MinerAnswerSummary, ...]]
) -> tuple[ValidatorRow, ...]:
    graded = [answer for some in answers for answer in some]
    rows = []
    for member in roster.validators:
        neuron = metagraph.by_hotkey[member.hotkey]
        own = [answer for answer in graded if answer.validator_hotkey == member.hotkey]
        rows.append(
            ValidatorRow(
                uid=neuron.uid,
                hotkey=member.hotkey,
                stake=neuron.stake,
                dividends=neuron.dividends,
                conversations=len({answer.conversation_id for answer in own}),
                answers=len(own),
            )
        )
    return tuple(rows)


async def _samples(server: AdminClient) -> list[ConversationDetail]:
    """Return a few published conversations, spread over the order of their import."""
    page = await server.conversations(state=ConversationState.PUBLISHED, limit=500)
    published = page.conversations
    chosen = published[:: max(1, len(published) // SAMPLES_SHOWN)][:SAMPLES_SHOWN]
    return [await server.conversation(one.id) for one in chosen]


def _sample(detail: ConversationDetail) -> SampleConversation:
    assert detail.quality is not None, "a published conversation has a quality"
    return SampleConversation(
        id=detail.summary.id,
        title=_title(Conversation.from_record(detail.record)),
        source=detail.summary.source,
        lines=detail.summary.lines,
        participants=detail.summary.participants,
        tags=tuple(SampleTag(**tag.model_dump()) for tag in detail.tags),
        quality=Quality(**detail.quality.model_dump()),
    )


def _title(conversation: Conversation) -> str:
    """Return the first line that says something, shortened."""
    texts = [line.text.strip() for line in conversation.lines]
    words = max(texts[:3], key=len)
    return words if len(words) <= TITLE_CHARACTERS else words[: TITLE_CHARACTERS - 1].rstrip() + "…"


async def _search(server: AdminClient, samples: list[ConversationDetail]) -> SearchShown | None:
    """Search for what one of the conversations is about, as somebody would who has not read it."""
    tags = [detail.tags[0].text for detail in samples if detail.tags]
    if not tags:
        return None
    query, started = as_words(tags[-1]) or "talk", time.monotonic()
    hits = (await server.search(query, limit=HITS_SHOWN)).hits
    rows = [
        SearchHitRow(conversation_id=hit.conversation_id, snippet=hit.snippet, tags=hit.tags, score=hit.score)
        for hit in hits
    ]
    return SearchShown(query=query, hits=tuple(rows), seconds=time.monotonic() - started)


def _paths(layout: Layout) -> dict[str, Path]:
    return {
        "database": layout.database,
        "vector_store": layout.vector_store,
        "dataset": layout.dataset,
        "report": layout.report,
        "summary": layout.summary,
        "ledger": layout.ledger,
        "logs": layout.logs,
    }

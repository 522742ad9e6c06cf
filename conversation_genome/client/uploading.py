"""An import that can be stopped at any moment and begun again: what the server has is asked first, and not sent.

No file keeps the place: the server knows each conversation by the hash of its content, whoever sent it and when.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import orjson

from conversation_genome.client.administration import AdminClient
from conversation_genome.conversation import Conversation
from conversation_genome.errors import TooManyRequestsError, UnavailableError

BATCH_RECORDS: Final = 500
BATCH_CHARACTERS: Final = 4_000_000
"""What is sent at once: memory is bounded by it, and a lost connection costs no more than it."""
WAITS_SECONDS: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 15.0)
"""Before a batch is tried again; a server is started anew in less."""
LONGEST_WAIT_SECONDS: Final = 60.0
"""A server that asks for a longer wait is told to a person: the day's bytes are spent, not the minute's requests."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of one batch."""

    imported: int
    present: int
    """Were on the server before."""
    refused: tuple[tuple[str, str], ...]
    """(id of the conversation, reason)."""


async def upload(server: AdminClient, conversations: Iterable[Conversation]) -> AsyncIterator[Sent]:
    """Send conversations that the server has not, batch by batch, and yield what became of each.

    Once the server has answered, a batch whose connection is lost is tried again, which is harmless.

    Raises:
        AuthenticationError: If the API key is not accepted.
        TooManyRequestsError: If the key may not import more for a while.
        UnavailableError: If the server does not answer at the beginning, or seven times in a row.
    """
    is_there = False
    for batch in _batches(conversations):
        if not is_there:
            await server.known_content([batch[0].content_hash])
            is_there = True
        yield await _persistently(server, batch)


async def _persistently(server: AdminClient, batch: list[Conversation]) -> Sent:
    for wait in WAITS_SECONDS:
        try:
            return await _send(server, batch)
        except UnavailableError:
            await asyncio.sleep(wait)
        except TooManyRequestsError as exc:
            if exc.retry_after_seconds > LONGEST_WAIT_SECONDS:
                raise
            await asyncio.sleep(exc.retry_after_seconds)
    return await _send(server, batch)


async def _send(server: AdminClient, batch: list[Conversation]) -> Sent:
    there = await server.known_content([one.content_hash for one in batch])
    new = [one for one in batch if one.content_hash not in there]
    if not new:
        return Sent(0, len(batch), ())
    report = await server.import_records(orjson.dumps(one.to_record()) for one in new)
    refused = tuple((new[fault.line - 1].id, fault.message) for fault in report.refused)
    return Sent(report.imported, len(batch) - len(new) + report.duplicates, refused)


def _batches(conversations: Iterable[Conversation]) -> Iterator[list[Conversation]]:
    batch: list[Conversation] = []
    characters = 0
    for conversation in conversations:
        batch.append(conversation)
        characters += sum(len(line.text) + 30 for line in conversation.lines)
        if len(batch) >= BATCH_RECORDS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch

"""AdminClient: what the operator, the local network and scripts ask of the conversation server."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from typing import Any, Self

import orjson

from conversation_genome.client.transport import TIMEOUT_SECONDS, AnyMessage, Transport, read, target
from conversation_genome.errors import ConversationGenomeError
from conversation_genome.protocol.administration import (
    ActPage,
    ApiKey,
    ApiKeyList,
    KeyRequest,
    KeyRotation,
    NewApiKey,
)
from conversation_genome.protocol.finding import SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.protocol.messages import ContentHashes, ImportReport, Message
from conversation_genome.protocol.reads import (
    ConversationDetail,
    ConversationPage,
    ConversationState,
    Deletion,
    MinerAnswerPage,
    MinerList,
    Publication,
    PublicationList,
    SearchHits,
    ServerStats,
    SimilarConversations,
    TagList,
    ValidatorList,
)

IMPORT_TIMEOUT_SECONDS = 3_600.0
CHUNK_BYTES = 64_000


class AdminClient:
    """The administrator's side; without a key only what the server shows to everybody.

    Every method raises the class of this project's errors that the server names, and UnavailableError when
    the server cannot be reached.
    """

    def __init__(
        self,
        base_url: str,
        api_key: str = "",
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        asgi_app: Callable[..., Any] | None = None,
    ) -> None:
        self._transport = Transport(base_url, timeout_seconds=timeout_seconds, asgi_app=asgi_app)
        self._headers = {"authorization": f"Bearer {api_key}"} if api_key else {}

    async def import_records(self, records: Iterable[Mapping[str, Any] | bytes]) -> ImportReport:
        """Stream uniform records to the server; the good ones go in, each refused one is named by its line.

        Args:
            records: Records, or lines of JSON as they stand in a file.

        Raises:
            AuthenticationError: If the API key is not accepted.
            UnavailableError: If the connection is lost; what was sent before may be in, and sending it
                again is harmless.
        """
        body = await self._transport.send(
            "POST",
            target("conversations"),
            body=_lines(records),
            headers=lambda: {**self._headers, "content-type": "application/x-ndjson"},
            timeout_seconds=IMPORT_TIMEOUT_SECONDS,
        )
        return read(ImportReport, body)

    async def known_content(self, hashes: Iterable[str]) -> frozenset[str]:
        """Return those of at most 1,000 content hashes whose conversations are on the server already.

        Raises:
            AuthenticationError: If the API key is not accepted.
        """
        asked = ContentHashes(hashes=tuple(hashes))
        return frozenset((await self._post(ContentHashes, target("conversations", "known"), asked)).hashes)

    async def stats(self) -> ServerStats:
        """Return the counts that a progress bar needs."""
        return await self._get(ServerStats, target("stats"))

    async def conversations(
        self, *, state: ConversationState | None = None, cursor: str | None = None, limit: int = 50
    ) -> ConversationPage:
        """Return one page of conversations, at most 500."""
        return await self._get(ConversationPage, target("conversations", state=state, cursor=cursor, limit=limit))

    async def conversation(self, conversation_id: str) -> ConversationDetail:
        """Return all that is known of a conversation.

        Raises:
            NotFoundError: If there is none with this id.
        """
        return await self._get(ConversationDetail, target("conversations", conversation_id))

    async def delete(self, conversation_id: str) -> Deletion:
        """Remove a conversation from everywhere.

        Raises:
            NotFoundError: If there is none with this id.
        """
        return read(Deletion, await self._send("DELETE", target("conversations", conversation_id)))

    async def tags(self, *, limit: int = 100, containing: str | None = None) -> TagList:
        """Return tags by the number of conversations that hold them."""
        return await self._get(TagList, target("tags", limit=limit, containing=containing))

    async def search(
        self, query: str, *, limit: int = 10, sort: SearchSort | None = None, cursor: str | None = None
    ) -> SearchHits:
        """Return one page of what answers a query in the query language; best first where nothing else is asked.

        Raises:
            QueryError: If the query or the cursor cannot be read.
        """
        return await self._get(SearchHits, target("search", q=query, limit=limit, sort=sort, cursor=cursor))

    async def similar(self, conversation_id: str, *, limit: int = 10) -> SimilarConversations:
        """Return the conversations that are like one, most similar first.

        Raises:
            NotFoundError: If it is not searchable.
        """
        return await self._get(SimilarConversations, target("conversations", conversation_id, "similar", limit=limit))

    async def tag_trends(self, *, stretch: Stretch | None = None, tag: str | None = None, limit: int = 10) -> TagTrends:
        """Return the tags that rise and fall most, and the course of one if it is named."""
        return await self._get(TagTrends, target("tags", "trends", stretch=stretch, tag=tag, limit=limit))

    async def tag_neighbours(self, tag: str, *, limit: int = 20) -> TagNeighbours:
        """Return the tags that come with a tag or mean something alike, closest first.

        Raises:
            NotFoundError: If no searchable conversation has it.
        """
        return await self._get(TagNeighbours, target("tags", tag, "neighbours", limit=limit))

    async def miners(self) -> MinerList:
        """Return every miner that was asked, highest reward first."""
        return await self._get(MinerList, target("miners"))

    async def validators(self) -> ValidatorList:
        """Return every validator that ever held a lease, most answers first."""
        return await self._get(ValidatorList, target("validators"))

    async def miner_answers(self, hotkey: str, *, cursor: str | None = None, limit: int = 100) -> MinerAnswerPage:
        """Return one page of a miner's answers, newest first.

        Raises:
            NotFoundError: If no answer of this hotkey was ever submitted.
        """
        return await self._get(MinerAnswerPage, target("miners", hotkey, cursor=cursor, limit=limit))

    async def all_miner_answers(self, hotkey: str) -> MinerAnswerPage:
        """Return all answers of a miner as one page."""
        page = await self.miner_answers(hotkey, limit=500)
        answers = list(page.answers)
        while page.next_cursor is not None:
            page = await self.miner_answers(hotkey, cursor=page.next_cursor, limit=500)
            answers.extend(page.answers)
        return MinerAnswerPage(hotkey=hotkey, answers=tuple(answers), next_cursor=None)

    async def publish(self) -> Publication:
        """Write the dataset of all that is merged, now."""
        body = await self._send("POST", target("publications"), timeout_seconds=IMPORT_TIMEOUT_SECONDS)
        return read(Publication, body)

    async def merged_records(self, *, page: int = 20) -> AsyncIterator[bytes]:
        """Yield every published record as JSON (a `MergedRecord`), as it may leave the server, a page at a time.

        What is published meanwhile may come or not. A page whose connection is lost is asked for once more.

        Raises:
            AuthenticationError: If the API key is not accepted.
            PermissionDeniedError: If it may not publish.
        """
        cursor: str | None = None
        while lines := (
            await self._send("GET", target("publications", "records", cursor=cursor, limit=page)) or b""
        ).splitlines():
            for line in lines:
                entry = orjson.loads(line)
                cursor = entry["cursor"]
                yield orjson.dumps(entry["record"])

    async def publications(self) -> PublicationList:
        """Return what was published, newest first."""
        return await self._get(PublicationList, target("publications"))

    async def keys(self) -> ApiKeyList:
        """Return all API keys, newest first, without their secrets."""
        return await self._get(ApiKeyList, target("keys"))

    async def create_key(self, request: KeyRequest) -> NewApiKey:
        """Make an API key; it is shown in this answer and never again."""
        return await self._post(NewApiKey, target("keys"), request)

    async def rotate_key(self, key_id: str, request: KeyRotation) -> NewApiKey:
        """Give an API key a new secret.

        Raises:
            NotFoundError: If there is no such key.
            InputError: If it is revoked or over.
        """
        return await self._post(NewApiKey, target("keys", key_id, "rotate"), request)

    async def revoke_key(self, key_id: str) -> ApiKey:
        """Take an API key back, at once and for good.

        Raises:
            NotFoundError: If there is no such key.
        """
        return read(ApiKey, await self._send("DELETE", target("keys", key_id)))

    async def acts(self, *, cursor: str | None = None, limit: int = 100) -> ActPage:
        """Return one page of the log of administrative acts, newest first."""
        return await self._get(ActPage, target("audit", cursor=cursor, limit=limit))

    async def is_ready(self) -> bool:
        """Return whether the server answers and can work."""
        try:
            await self._transport.send("GET", "/readyz")
        except ConversationGenomeError:
            return False
        return True

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _get(self, message: type[AnyMessage], path: str) -> AnyMessage:
        return read(message, await self._send("GET", path))

    async def _post(self, message: type[AnyMessage], path: str, asked: Message) -> AnyMessage:
        body = await self._transport.send(
            "POST",
            path,
            body=asked.model_dump_json().encode(),
            headers=lambda: {**self._headers, "content-type": "application/json"},
        )
        return read(message, body)

    async def _send(self, method: str, path: str, *, timeout_seconds: float | None = None) -> bytes | None:
        return await self._transport.send(method, path, headers=lambda: self._headers, timeout_seconds=timeout_seconds)


async def _lines(records: Iterable[Mapping[str, Any] | bytes]) -> AsyncIterator[bytes]:
    chunk = bytearray()
    for record in records:
        chunk += record.rstrip(b"\r\n") if isinstance(record, bytes) else orjson.dumps(record)
        chunk += b"\n"
        if len(chunk) >= CHUNK_BYTES:
            yield bytes(chunk)
            chunk.clear()
    yield bytes(chunk)

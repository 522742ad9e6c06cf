"""A server inside the test: real database, ledger, signatures and scoring; vectors by hash, index in memory."""

import contextlib
import hashlib
import tempfile
import unittest
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import structlog

from conversation_genome.annotation import GroundTruth, Hotkey, Outcome, Tag
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient, ConversationServerClient
from conversation_genome.errors import NotFoundError, QueryError
from conversation_genome.protocol.finding import FoundPassage, Quote, SearchSort, Stretch, TagNeighbours, TagTrends
from conversation_genome.protocol.messages import Bundle, MinerAnswer, Submission
from conversation_genome.protocol.reads import SearchHit, SearchHits, SimilarConversations
from conversation_genome.protocol.signing import Signer
from conversation_genome.record import MergedRecord
from conversation_genome.search.caching import CacheCounters
from conversation_genome.search.tag_graph import company_of, neighbours
from conversation_genome.search.tag_trends import tag_trends
from conversation_genome.settings import ServerSettings
from conversation_genome.tasks.registry import task_type
from conversation_genome.testing.embedder import HashEmbedder
from conversation_genome.vector_store.base import Health, Outline, Verification
from conversation_server.app import create_app
from conversation_server.services.server import Server
from tests_ap.postgres import new_database

NETUID = Netuid(1)
KEY = "the administrator's key"
URL = "http://server"
WORDS = ("cheese", "glacier", "violin", "harbour", "beehive", "comet", "pottery", "marathon")


def signer(name: str) -> Signer:
    return Signer.from_uri(f"//{name}")


SERVER, ALICE, BOB = signer("server"), signer("alice"), signer("bob")


def record(identifier: str, lines: int = 12, **fields: Any) -> dict[str, Any]:
    """Return a conversation of two about two subjects that depend on the id."""
    start = int(hashlib.sha256(identifier.encode()).hexdigest(), 16)
    subjects = [WORDS[(start + step) % len(WORDS)] for step in (0, 3)]
    talk = [
        [number % 2, f"I told {identifier} about the {subjects[number * 2 // lines]} and the weather, number {number}."]
        for number in range(lines)
    ]
    return {
        "id": identifier,
        "source": "test",
        "license": "CC0",
        "participants": ["Ada", "Bo"],
        "lines": talk,
        **fields,
    }


def truth_of(bundle: Bundle, *words: str) -> GroundTruth:
    tags = tuple(Tag(text=word) for word in words or WORDS[:3])
    return GroundTruth(engine="test/1", tags=tags, windows={window.window_id: tags for window in bundle.windows})


def tasks_of(bundle: Bundle) -> list[str]:
    return [window.window_id for window in bundle.windows if window.level == 2]


def submission(bundle: Bundle, window_id: str, miner: str = "miner-0", **fields: Any) -> Submission:
    """Return an answer with good tags whose claimed score is 0; `fields` change it."""
    tags = tuple(Tag(text=word) for word in fields.pop("words", WORDS[:3]))
    values: dict[str, Any] = {
        "lease_id": bundle.lease_id,
        "window_id": window_id,
        "miner_hotkey": miner,
        "miner_uid": 7,
        "outcome": Outcome.SCORED,
        "answer": MinerAnswer(task_id=window_id, tags=tags, engine="test/1"),
        "seconds": 0.1,
        "score": 0.0,
        "reward": 0.0,
        "scoring_version": task_type(bundle.task_type).scoring_version,
    }
    return Submission(**(values | fields))


def _texts(record: MergedRecord) -> tuple[str, ...]:
    return tuple(tag.text for tag in record.tags)


class MemoryIndex:
    """A vector store that remembers tags and finds them by the word."""

    def __init__(self) -> None:
        self.records: dict[str, MergedRecord] = {}
        self.broken = False

    def upsert(self, record: MergedRecord) -> None:
        if self.broken:
            msg = "the disk is full"
            raise OSError(msg)
        self.records[record.conversation.id] = record

    def delete(self, conversation_id: str) -> None:
        self.records.pop(conversation_id, None)

    def search(
        self, query: str, limit: int, *, sort: SearchSort | None = None, cursor: str | None = None
    ) -> SearchHits:
        if query == "(":
            raise QueryError("'(' is not closed")
        found = [self._hit(name, query) for name, one in self.records.items() if query in _texts(one)]
        start = int(cursor or 0)
        onward = str(start + limit) if len(found) > start + limit else None
        page = tuple(found[start : start + limit])
        return SearchHits(query=query, hits=page, sort=sort or SearchSort.RELEVANCE, next_cursor=onward)

    def similar(self, conversation_id: str, limit: int) -> SimilarConversations:
        if conversation_id not in self.records:
            raise NotFoundError(f"there is no {conversation_id!r}")
        found = tuple(self._hit(name, "alike") for name in self.records if name != conversation_id)
        return SimilarConversations(conversation_id=conversation_id, hits=found[:limit])

    def tag_trends(self, *, stretch: Stretch | None = None, tags: Sequence[str] = (), limit: int = 10) -> TagTrends:
        return tag_trends(self._outlines(), stretch=stretch, tags=tags, limit=limit)

    def tag_neighbours(self, tag: str, limit: int) -> TagNeighbours:
        company = company_of(tag, self._outlines())
        if not company.conversations:
            raise NotFoundError(f"no conversation has {tag!r}")
        return neighbours(tag, company, {}, limit=limit)

    def verified(self) -> dict[str, Verification]:
        if not self.records:
            return {}
        health = Health(records=len(self.records), recall=0.971, filtered_recall=0.934)
        return {"all-MiniLM-L6-v2": Verification(datetime.fromtimestamp(1_700_000_000, UTC), health)}

    def _hit(self, name: str, word: str) -> SearchHit:
        quote = Quote(text=f"Ann: {word}!", marks=((5, 5 + len(word)),))
        passage = FoundPassage(window_id="2-0-9", score=1.0, quotes=(quote,))
        tags = _texts(self.records[name])
        return SearchHit(conversation_id=name, window_id=None, score=1.0, tags=tags, snippet="", passages=(passage,))

    def _outlines(self) -> list[Outline]:
        moment = datetime.fromtimestamp(1_700_000_000, UTC)
        return [
            Outline(conversation_id=name, tags=_texts(one), started_at=moment) for name, one in self.records.items()
        ]

    counters = CacheCounters(hits=1, misses=2)


class Clock:
    """A clock that stands still until it is told."""

    def __init__(self, now: float = 1_800_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


class ServerCase(unittest.IsolatedAsyncioTestCase):
    """A test with a server of its own."""

    settings: ClassVar[dict[str, Any]] = {}

    async def asyncSetUp(self) -> None:
        self.log = self.enterContext(structlog.testing.capture_logs())
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.ledger = LocalLedger.create(self.folder / "ledger.sqlite", netuid=NETUID)
        for validator in (ALICE, BOB):
            self.ledger.register(NETUID, validator.hotkey, stake=100.0)
        self.clock, self.index = Clock(), MemoryIndex()
        self.url = self.database_url()
        await self.start()
        self.alice, self.bob = self.validator(ALICE), self.validator(BOB)
        self.admin = self.administrator(KEY)

    def database_url(self) -> str:
        """Return where this test's server keeps what it is given; each test has a database of its own."""
        return f"sqlite+aiosqlite:///{self.folder}/server.sqlite"

    async def start(self) -> None:
        """Start the server; what one before it stored is still there."""
        admission = Admission(self.ledger, NETUID, max_age_seconds=1e6)
        admission.refresh()
        self.app = create_app(
            self.server_settings(),
            hotkey=SERVER.hotkey,
            admission=admission,
            embedder=HashEmbedder(),
            index=self.index,
            clock=self.clock,
        )
        self.life = contextlib.AsyncExitStack()
        await self.life.enter_async_context(self.app.router.lifespan_context(self.app))
        self.addAsyncCleanup(self.life.aclose)
        self.server: Server = self.app.state.server

    def server_settings(self) -> ServerSettings:
        values: dict[str, Any] = {
            "_env_file": None,
            "server_database_url": self.url,
            "server_dataset_path": self.folder / "dataset",
            "server_admin_key_sha256": hashlib.sha256(KEY.encode()).hexdigest(),
            "server_lease_seconds": 60.0,
        }
        return ServerSettings(**(values | self.settings))

    def validator(self, who: Signer, receiver: Hotkey = SERVER.hotkey) -> ConversationServerClient:
        client = ConversationServerClient(URL, who, receiver, asgi_app=self.app)
        self.addAsyncCleanup(client.aclose)
        return client

    def administrator(self, key: str) -> AdminClient:
        client = AdminClient(URL, key, asgi_app=self.app)
        self.addAsyncCleanup(client.aclose)
        return client

    async def leased(self, *records: dict[str, Any]) -> Bundle:
        """Import records and return Alice's lease of the first, its ground truth stored."""
        await self.admin.import_records(records or [record("first")])
        bundle = await self.alice.lease()
        assert bundle is not None
        await self.alice.put_ground_truth(bundle.lease_id, truth_of(bundle))
        return bundle

    async def completed(self, *records: dict[str, Any]) -> Bundle:
        """Import records, answer the first with one good and one bad miner, complete it, and merge it."""
        bundle = await self.leased(*records)
        for window_id in tasks_of(bundle):
            await self.alice.submit(submission(bundle, window_id))
            await self.alice.submit(submission(bundle, window_id, "miner-1", miner_uid=8, words=("nothing like it",)))
        await self.alice.complete(bundle.lease_id)
        while await self.server.merger.merge_next():
            pass
        return bundle


class OnPostgreSQL(ServerCase):
    """The same test with PostgreSQL under the server: put it before the class whose tests are to run again."""

    def database_url(self) -> str:
        """Return a new, empty database."""
        return new_database()

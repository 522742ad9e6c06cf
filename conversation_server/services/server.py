"""Server: all services of one process; the routes open its transactions and so decide what is committed."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import AsyncSession

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.protocol.messages import LeaseStatus, Receipt, Submission
from conversation_genome.protocol.reads import Deletion, MinerList, ServerStats, ValidatorList
from conversation_genome.settings import ServerSettings
from conversation_server.db.database import Database
from conversation_server.db.upgrade import is_current, upgrade_database
from conversation_server.services.audit import Audit
from conversation_server.services.calling import Call, Callers, use
from conversation_server.services.completing import Completion, Completions, divided
from conversation_server.services.deleting import Deleter
from conversation_server.services.figures import KeptFigures
from conversation_server.services.grading import CaseText, Grader, Material
from conversation_server.services.keys import Keys
from conversation_server.services.leasing import Leases
from conversation_server.services.limits import Limits
from conversation_server.services.merging import Merger
from conversation_server.services.miners import Miners
from conversation_server.services.publishing import Publisher
from conversation_server.services.reading import Reading, count_all
from conversation_server.services.searching import Searching
from conversation_server.services.sessions import Sessions
from conversation_server.services.submitting import GroundTruthChangedError, Submissions, first_receipt, record
from conversation_server.services.tools import Tools
from conversation_server.services.validators import Validators

Result = TypeVar("Result")


@dataclass(frozen=True)
class Work:
    """The services inside one transaction."""

    session: AsyncSession
    reading: Reading
    miners: Miners
    validators: Validators


class Server:
    """What a process of the server holds."""

    def __init__(self, tools: Tools, *, hotkey: Hotkey, admission: Admission) -> None:
        self.tools = tools
        self.hotkey = hotkey
        self.database = Database(tools.settings.server_database_url)
        self.grader = Grader(tools)
        self.keys = Keys(self.database, tools)
        self.sessions = Sessions(self.database, tools, self.keys)
        self.limits = Limits(self.database, tools)
        self.audit = Audit(self.database, tools)
        self.callers = Callers(tools, hotkey=hotkey, admission=admission)
        self.merger = Merger(self.database, tools)
        self.publisher = Publisher(self.database, tools)
        self.deleter = Deleter(self.database, tools, merger=self.merger, publisher=self.publisher)
        self.searching = Searching(tools)
        self._stats = KeptFigures(partial(self.database.transact, count_all, is_write=False), _size_of_stats)
        self._miners = KeptFigures(self._count_miners, lambda found: sum(one.answers for one in found.miners))
        self._validators = KeptFigures(
            self._count_validators,
            lambda found: sum(one.answers + sum(one.leases.values()) for one in found.validators),
        )
        self._merging: asyncio.Task[None] | None = None
        self._deleting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Bring the tables up to date and begin to merge what is completed."""
        await upgrade_database(self.database)
        self._merging = asyncio.create_task(self.merger.run(), name="merging")
        self._deleting = asyncio.create_task(self.deleter.run(), name="deleting")

    async def stop(self) -> None:
        """End the merging and close the database."""
        for task in (self._merging, self._deleting):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
        for figures in (self._stats, self._miners, self._validators):
            await figures.stop()
        await asyncio.to_thread(self.tools.close)
        await self.database.close()

    async def is_ready(self) -> bool:
        """Return whether the database answers and has the newest tables, and the merging runs."""
        is_merging = self._merging is not None and not self._merging.done()
        return is_merging and await is_current(self.database)

    @contextlib.asynccontextmanager
    async def read(self) -> AsyncIterator[Work]:
        """Yield the services in a transaction that changes nothing."""
        async with self.database.read() as session:
            yield self._work(session)

    @contextlib.asynccontextmanager
    async def write(self) -> AsyncIterator[Work]:
        """Yield the services in a transaction that is committed when the block ends without an error."""
        async with self.database.write() as session:
            yield self._work(session)

    async def hold(self, call: Call, work: Callable[[Leases], Result]) -> Result:
        """Return what a signed request does with leases, in one transaction that also uses the request up.

        Raises:
            AuthenticationError: If the call was used before.
        """

        def transaction(connection: Connection) -> Result:
            use(connection, call, now=self.tools.clock())
            return work(Leases(connection, self.tools))

        return await self.database.transact(transaction, is_write=True)

    async def put_ground_truth(self, call: Call, lease_id: str, ground_truth: GroundTruth, body: bytes) -> LeaseStatus:
        """Store what a validator holds true; the answers that it sends next are graded with it.

        Args:
            call: Who holds the lease.
            lease_id: The lease.
            ground_truth: As it was read from the body.
            body: As it was sent.
        """
        stored = await self.hold(
            call, lambda leases: leases.put_ground_truth(call.hotkey, lease_id, ground_truth, body)
        )
        if stored.out is not None:
            text = CaseText(stored.lease.task_type, stored.out.record, stored.out.leased_windows, body.decode())
            self.grader.expect(Material((lease_id, stored.digest), text))
        return stored.status

    async def submit(self, call: Call, submission: Submission) -> Receipt:
        """Grade and store a submission; it is on the disk when this returns.

        While the lease's case is known nothing is read before the grading: the transaction that stores the
        answer checks everything, and if the case was out of date, it is read and the answer graded anew.
        """
        known = self.grader.newest(submission.lease_id)
        if known is not None:
            with contextlib.suppress(GroundTruthChangedError):
                return await self._record(call, submission, known)
        material = await self.database.transact(
            lambda connection: Submissions(connection, self.tools, self.grader).material_for(call.hotkey, submission),
            is_write=False,
        )
        if material is not None:
            return await self._record(call, submission, material)
        now = self.tools.clock()
        return await self.database.transact(
            lambda connection: first_receipt(connection, call, submission, now), is_write=True
        )

    async def _record(self, call: Call, submission: Submission, material: Material) -> Receipt:
        grade = await self.grader.grade(material, submission)
        now = self.tools.clock()
        return await self.database.transact(
            lambda connection: record(connection, call, submission, material, grade, now), is_write=True
        )

    async def complete(self, call: Call, lease_id: str) -> LeaseStatus:
        """Divide the rewards of a lease, and let its conversation be merged."""
        opened = await self.database.transact(
            lambda connection: self._completions(connection).open(call.hotkey, lease_id), is_write=False
        )
        if not isinstance(opened, Completion):
            return opened
        shares = await divided(opened, self.tools, self.grader)

        def transaction(connection: Connection) -> LeaseStatus:
            use(connection, call, now=self.tools.clock())
            return self._completions(connection).complete(call.hotkey, lease_id, shares)

        status = await self.database.transact(transaction, is_write=True)
        self.grader.forget(lease_id)
        self.merger.wake()
        return status

    async def delete(self, conversation_id: str) -> Deletion:
        """Remove a conversation from the database, the vector store, the dataset and what is kept in memory.

        Raises:
            NotFoundError: If there is none with this id.
        """
        try:
            return await self.deleter.delete(conversation_id)
        finally:
            self.grader.forget_all()

    async def stats(self) -> ServerStats:
        """Return the counts that a progress bar needs."""
        return await self._stats.get()

    async def miners(self) -> MinerList:
        """Return every miner that was asked."""
        return await self._miners.get()

    async def validators(self) -> ValidatorList:
        """Return every validator that ever held a lease."""
        return await self._validators.get()

    async def _count_miners(self) -> MinerList:
        async with self.read() as work:
            return await work.miners.standings()

    async def _count_validators(self) -> ValidatorList:
        async with self.read() as work:
            return await work.validators.standings()

    def _completions(self, connection: Connection) -> Completions:
        return Completions(connection, self.tools, self.grader)

    def _work(self, session: AsyncSession) -> Work:
        return Work(
            session=session,
            reading=Reading(session, self.tools),
            miners=Miners(session),
            validators=Validators(session),
        )


def _size_of_stats(stats: ServerStats) -> int:
    return sum(stats.conversations.values()) + sum(stats.answers.values())


async def upgrade(settings: ServerSettings) -> str:
    """Bring the tables up to date without serving, and return their revision."""
    database = Database(settings.server_database_url)
    try:
        return await upgrade_database(database)
    finally:
        await database.close()

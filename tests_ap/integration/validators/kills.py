"""A validator that is killed again and again under load, and what has to hold when it is over; for a test and a benchmark."""

import asyncio
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import select

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Metagraph
from conversation_genome.client import AdminClient
from conversation_genome.protocol.reads import ConversationState
from conversation_genome.rewards import MovingAverages, weights_of
from conversation_server.db.database import Database
from conversation_server.db.models import ConversationRow, LeaseRow, SubmissionRow
from tests_ap.integration.validators.subnet import VALIDATOR, Puppet, Subnet
from tests_ap.unit.server.rig import NETUID, record
from validators.journal import read_journal
from validators.state import ValidatorState
from validators.store import load_state

ALPHA = 1e-6
"""So small that an average is the plain mean, which does not depend on the order of the windows."""
SETTINGS = {
    "validator_ema_alpha": ALPHA,
    "validator_varied_share": 0.0,
    "validator_conversations_in_flight": 3,
    "validator_windows_in_flight": 4,
}
AHEAD = 5
WAIT_SECONDS = 120.0
PROMPT = 0.85
"""Share of the deaths that wait for some work first; the others come while the validator starts."""


class Kills:
    """Kills a validator of a subnet."""

    def __init__(self, net: Subnet, *, seed: int) -> None:
        self.net = net
        self.moments: Counter[str] = Counter()
        """What was written down last when it died."""
        self._chance = random.Random(seed)
        self._imported = 0
        self._is_over = False

    async def run(self, deaths: int) -> None:
        """Kill it so many times, then let it finish everything and set its weights."""
        async with self.net.admin() as admin:
            while not await admin.is_ready():  # noqa: ASYNC110 - the server is another process
                await asyncio.sleep(0.05)
            importing = asyncio.create_task(self._import(admin))
            validator = await self.net.validator(**SETTINGS)
            for _ in range(deaths):
                await self._die(validator)
            self._is_over = True
            await importing
            await self._finish(admin, validator)

    async def _die(self, validator: Puppet) -> None:
        log = self.net.folder / f"{VALIDATOR}.log"
        if self._chance.random() < PROMPT:
            before = _size(log)
            await _until(lambda: _size(log) > before + 600)
        await asyncio.sleep(self._chance.uniform(0.0, 0.3))
        await validator.tell("kill")
        self.moments[_last_event(self.net.folder / f"{VALIDATOR}.json")] += 1

    async def _import(self, admin: AdminClient) -> None:
        """Keep more conversations waiting than the validator can take."""
        while not self._is_over:
            totals = (await admin.stats()).conversations
            if totals[ConversationState.WAITING] < AHEAD:
                await admin.import_records([record(f"talk {self._imported}", lines=24)])
                self._imported += 1
            else:
                await asyncio.sleep(0.05)

    async def _finish(self, admin: AdminClient, validator: Puppet) -> None:
        deadline = time.monotonic() + WAIT_SECONDS
        while (await admin.stats()).conversations[ConversationState.PUBLISHED] < self._imported:
            assert time.monotonic() < deadline, (await admin.stats(), self.net.log_of()[-5:])
            await asyncio.sleep(0.1)
        epoch = self._metagraph().epoch
        await _until(
            lambda: self._metagraph().epoch > epoch + 2
        )  # one that began after the last reward has its weights
        assert await validator.tell("stop") == "0", self.net.log_of()[-5:]

    def _metagraph(self) -> Metagraph:
        return self.net.ledger.metagraph(NETUID)


class Outcome:
    """What a subnet looks like after a validator died often."""

    def __init__(
        self, submissions: list[SubmissionRow], leases: list[LeaseRow], conversations: list[ConversationRow]
    ) -> None:
        self.submissions = submissions
        self.leases = leases
        self.conversations = conversations

    @classmethod
    async def of(cls, net: Subnet) -> "Outcome":
        """Read the server's database."""
        database = Database(net.database_url)
        async with database.read() as session:
            submissions = list(await session.scalars(select(SubmissionRow).order_by(SubmissionRow.seq)))
            leases = list(await session.scalars(select(LeaseRow)))
            conversations = list(await session.scalars(select(ConversationRow)))
        await database.close()
        return cls(submissions, leases, conversations)

    def faults(self, net: Subnet) -> list[str]:
        """Return what an undisturbed validator would have done otherwise; nothing, if all is well."""
        state = load_state(net.folder / f"{VALIDATOR}.json")
        return [*self._lost_or_doubled(), *self._wrong_averages(state), *self._wrong_weights(net, state)]

    def undisturbed(self) -> MovingAverages:
        """Return the averages of a validator that was fed the same scores, window by window, and never died."""
        windows: defaultdict[tuple[str, str], dict[Hotkey, float]] = defaultdict(dict)
        for one in self.submissions:
            windows[one.lease, one.window_id][Hotkey(one.miner_hotkey)] = one.claimed_reward
        averages = MovingAverages()
        for rewards in windows.values():
            averages = averages.updated(rewards, alpha=ALPHA)
        return averages

    def _lost_or_doubled(self) -> list[str]:
        keys = Counter((one.lease, one.window_id, one.miner_hotkey) for one in self.submissions)
        doubled = [f"submitted {count} times: {key}" for key, count in keys.items() if count > 1]
        lost = [f"lease {one.id} ended as {one.state}" for one in self.leases if one.state != "completed"]
        again = [f"{one.id} was leased {one.attempts} times" for one in self.conversations if one.attempts != 1]
        disputed = [f"the server disagrees on {one.id}" for one in self.submissions if not one.agrees]
        return [*doubled, *lost, *again, *disputed]

    def _wrong_averages(self, state: ValidatorState) -> list[str]:
        wanted, found = self.undisturbed().by_hotkey, state.averages.by_hotkey
        if wanted.keys() != found.keys():
            return [f"averages of {len(found)} miners, not of {len(wanted)}"]
        return [
            f"average of {hotkey}: {found[hotkey]}, not {one}"
            for hotkey, one in wanted.items()
            if found[hotkey].samples != one.samples or abs(found[hotkey].value - one.value) > 1e-9
        ]

    def _wrong_weights(self, net: Subnet, state: ValidatorState) -> list[str]:
        wanted = weights_of(self.undisturbed().settled()) or {}
        found = net.ledger.weights(NETUID).get(net.hotkey, {})
        wrong = [
            f"weight of {hotkey}: {found.get(hotkey)}, not {weight}"
            for hotkey, weight in wanted.items()
            if abs(found.get(hotkey, 0.0) - weight) > 1e-6
        ]
        unpaid = [
            f"{hotkey} earned {account.earned} and was paid {account.paid}"
            for hotkey, account in state.accounts.by_hotkey.items()
            if abs(account.earned - account.paid) > 1e-6
        ]
        return [*wrong, *unpaid]


def _last_event(state: Path) -> str:
    journals = sorted(state.parent.glob(f"{state.name}.*.journal"), key=lambda one: one.stat().st_mtime)
    payloads = read_journal(journals[-1]).payloads if journals else ()
    if not payloads:
        return "snapshot"
    return payloads[-1].partition(b'"kind":"')[2].partition(b'"')[0].decode()


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0


async def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)

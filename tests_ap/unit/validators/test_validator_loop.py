"""The validator's life, with a server that does what the test says."""

import asyncio
import tempfile
import unittest
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from structlog.testing import capture_logs

from conversation_genome.annotation import Annotation, GroundTruth, Hotkey, Tag
from conversation_genome.chain.base import Endpoint, Netuid, Neuron
from conversation_genome.conversation import Conversation, Window
from conversation_genome.errors import ChainError, LeaseExpiredError, UnavailableError
from conversation_genome.protocol.messages import Bundle, LeasedWindow, LeaseStatus
from conversation_genome.testing.chain import RecordingChain
from validators.choosing import Chooser
from validators.grading import Grader
from validators.loop import Validator
from validators.memory import Memory
from validators.metrics import ValidatorMetrics
from validators.neighbours import Neighbours
from validators.watchdog import Watchdog
from validators.weight_setter import WeightSetter
from validators.window_round import Leased

NETUID = Netuid(1)
ME = Hotkey("validator")
WAIT_SECONDS = 60.0


def bundle(lease_id: str, *, submitted: tuple[tuple[str, str], ...] = (), lease_seconds: float = 60.0) -> Bundle:
    record = {
        "id": f"talk-{lease_id}",
        "participants": ["Ann", "Ben"],
        "lines": [[n % 2, f"line {n}"] for n in range(8)],
    }
    windows = tuple(
        LeasedWindow(window_id=f"{level}-{start}-{end}", level=level, start=start, end=end)
        for level, start, end in ((0, 0, 8), (2, 0, 4), (2, 4, 8))
    )
    return Bundle(
        lease_id=lease_id,
        expires_at=datetime.now(UTC) + timedelta(seconds=lease_seconds),
        attempt=1,
        task_type="conversation_tagging",
        conversation=record,
        windows=windows,
        submitted=submitted,
    )


class ScriptedServer:
    """Hands out bundles in order, and keeps what it is told."""

    def __init__(self, *bundles: Bundle | Exception) -> None:
        self.waiting = list(bundles)
        self.holding: list[tuple[str, ...]] = []
        self.truths: list[str] = []
        self.completed: list[str] = []
        self.renewed: list[str] = []
        self.released: list[tuple[str, str]] = []
        self.on_renew: Callable[[str], LeaseStatus] = lambda lease_id: LeaseStatus(lease_id=lease_id, state="held")

    async def lease(self, *, holding: Sequence[str] = ()) -> Bundle | None:
        self.holding.append(tuple(holding))
        if not self.waiting:
            return None
        following = self.waiting.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    async def put_ground_truth(self, lease_id: str, _: GroundTruth) -> None:
        self.truths.append(lease_id)

    async def renew(self, lease_id: str) -> LeaseStatus:
        self.renewed.append(lease_id)
        return self.on_renew(lease_id)

    async def release(self, lease_id: str, *, reason: str = "") -> None:
        self.released.append((lease_id, reason))

    async def complete(self, lease_id: str) -> None:
        self.completed.append(lease_id)


class ScriptedPlayer:
    """Pays the first miner of every window, once `gate` is open."""

    def __init__(self, memory: Memory) -> None:
        self.memory = memory
        self.played: list[tuple[str, str, list[str]]] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.failure: Exception | None = None

    async def play(
        self, leased: Leased, asked: Mapping[Window, Sequence[Neuron]], *, stretch: int
    ) -> list[dict[Hotkey, float]]:
        self.played += [
            (leased.lease_id, window.id, sorted(one.hotkey for one in miners)) for window, miners in asked.items()
        ]
        await self.gate.wait()
        if self.failure is not None:
            raise self.failure
        rewards = [{one.hotkey: float(number == 0) for number, one in enumerate(miners)} for miners in asked.values()]
        self.memory.graded(leased.lease_id, stretch, [], rewards, [])
        self.memory.handed_in(leased.lease_id, stretch)
        return rewards


class OneTagEngine:
    """Says the same of everything."""

    name = "test/1"

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        return Annotation(tags=(Tag(text="boats"),))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        return [(Tag(text="boats"),) for _ in windows]


class ValidatorLoopTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.chain = RecordingChain(NETUID, ME)
        self.chain.register(NETUID, ME, stake=1.0)
        for number, name in enumerate(("one", "two", "three")):
            self.chain.register(NETUID, Hotkey(name))
            self.chain.hotkey = Hotkey(name)
            self.chain.serve(NETUID, Endpoint(host="127.0.0.1", port=1_000 + number))
        self.chain.hotkey = ME
        self.weights = WeightSetter(self.chain, NETUID, alpha=0.1, state_path=Path(folder.name) / "state.json")
        self.metrics = ValidatorMetrics()
        self.step_seconds, self.stop_seconds = 60.0, 0.0

    async def asyncSetUp(self) -> None:
        self.player = ScriptedPlayer(self.weights.memory)

    async def run_until(
        self,
        server: ScriptedServer,
        is_done: Callable[[], bool],
        *,
        conversations_in_flight: int = 1,
        miners_per_window: int = 3,
    ) -> None:
        grader = Grader(
            server=server,  # type: ignore[arg-type]
            engine=OneTagEngine(),
            neighbours=Neighbours(self.chain, NETUID),
            chooser=Chooser(ME, miners_per_window=miners_per_window),
            memory=self.weights.memory,
            player=self.player,  # type: ignore[arg-type]
            window_round=self.player,  # type: ignore[arg-type]
            metrics=self.metrics,
        )
        validator = Validator(
            server=server,  # type: ignore[arg-type]
            grader=grader,
            weight_setter=self.weights,
            metrics=self.metrics,
            watchdog=Watchdog(step_seconds=self.step_seconds, metrics=self.metrics),
            conversations_in_flight=conversations_in_flight,
            poll_seconds=0.01,
            stop_seconds=self.stop_seconds,
        )
        stop = asyncio.Event()
        job = asyncio.create_task(validator.run(stop))
        async with asyncio.timeout(WAIT_SECONDS):
            while not is_done():  # noqa: ASYNC110 - what is waited for is anything a test can see
                await asyncio.sleep(0.005)
        stop.set()
        await job

    async def test_a_conversation_goes_from_lease_to_completion(self) -> None:
        server = ScriptedServer(bundle("a"))
        await self.run_until(server, lambda: server.completed == ["a"])
        self.assertEqual(server.truths, ["a"])
        self.assertEqual(sorted(window for _, window, _ in self.player.played), ["2-0-4", "2-4-8"])

    async def test_what_was_handed_in_before_is_not_asked_again(self) -> None:
        done = (*(("2-0-4", name) for name in ("one", "two", "three")), ("2-4-8", "two"))
        server = ScriptedServer(bundle("a", submitted=done))
        await self.run_until(server, lambda: bool(server.completed))
        self.assertEqual(self.player.played, [("a", "2-4-8", ["one", "three"])])

    async def test_once_an_epoch_everybody_is_asked_about_one_window(self) -> None:
        server = ScriptedServer(bundle("a"), bundle("b"))
        await self.run_until(server, lambda: server.completed == ["a", "b"], miners_per_window=1)
        self.assertEqual(sorted(len(miners) for _, _, miners in self.player.played), [1, 1, 1, 3])
        self.chain.advance(self.chain.metagraph(NETUID).epoch_ends)
        server = ScriptedServer(bundle("c"))
        await self.run_until(server, lambda: server.completed == ["c"], miners_per_window=1)
        self.assertEqual(sorted(len(miners) for name, _, miners in self.player.played if name == "c"), [1, 3])

    async def test_rewards_reach_the_moving_averages(self) -> None:
        server = ScriptedServer(bundle("a"))
        await self.run_until(server, lambda: bool(server.completed))
        self.assertEqual(set(self.weights.state.averages.by_hotkey), {"one", "two", "three"})

    async def test_the_server_is_told_what_is_held(self) -> None:
        server = ScriptedServer(bundle("a"), bundle("b"))
        self.player.gate.clear()
        await self.run_until(
            server, lambda: ("a", "b") in map(tuple, map(sorted, server.holding)), conversations_in_flight=3
        )
        self.assertEqual(server.completed, [])

    async def test_a_server_that_is_away_is_asked_again(self) -> None:
        server = ScriptedServer(UnavailableError("away"), UnavailableError("away"), bundle("a"))
        await self.run_until(server, lambda: server.completed == ["a"])

    async def test_a_conversation_that_the_server_broke_off_is_asked_for_again(self) -> None:
        server = ScriptedServer(bundle("a"))
        self.player.failure = UnavailableError("the server went away")
        await self.run_until(server, lambda: len(server.holding) > 3)
        self.assertEqual(server.holding[-1], ())

    async def test_a_conversation_that_fails_is_left_to_expire_and_the_next_is_worked_on(self) -> None:
        server = ScriptedServer(bundle("bad"))
        self.player.failure = RuntimeError("a bug")
        with capture_logs() as lines:
            await self.run_until(server, lambda: ("bad",) in server.holding)
        self.assertEqual([line["event"] for line in lines if line["log_level"] == "error"], ["conversation failed"])
        self.assertEqual(self.metrics.failures._value.get(), 1)

    async def test_a_lease_is_renewed_before_it_runs_out(self) -> None:
        server = ScriptedServer(bundle("a", lease_seconds=0.5))
        self.player.gate.clear()
        await self.run_until(server, lambda: server.renewed == ["a"])

    async def test_a_lease_that_is_lost_is_dropped_without_completing(self) -> None:
        def lose(lease_id: str) -> LeaseStatus:
            raise LeaseExpiredError(f"lease {lease_id} ran out")

        server = ScriptedServer(bundle("a", lease_seconds=0.5), bundle("b"))
        server.on_renew = lose
        self.player.gate.clear()
        await self.run_until(server, lambda: server.truths == ["a", "b"])
        self.assertEqual(server.completed, [])

    async def test_a_chain_that_is_away_at_the_start_is_asked_again(self) -> None:
        self.chain.failure = ChainError("the chain is away")
        calls = self.chain.calls

        def is_asked_often() -> bool:
            if len(calls) > 3:
                self.chain.failure = None
            return sum(call[0] == "metagraph" for call in calls) > 0

        await self.run_until(ScriptedServer(), is_asked_often)

"""The validator's life: lease a conversation, establish what is true of it, play its windows, complete it.

An outage of the server, of a miner or of the chain costs work, never correctness: the loop waits and goes
on, and what was submitted stays submitted.
"""

import asyncio
import random
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Chain, Metagraph, Netuid, Neuron
from conversation_genome.client import ConversationServerClient
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.errors import ChainError, ConversationGenomeError, UnavailableError
from conversation_genome.protocol.messages import Bundle, LeasedWindow
from conversation_genome.rewards import asked_together
from conversation_genome.tasks.registry import task_type
from conversation_genome.tracing import span
from validators.metrics import ValidatorMetrics
from validators.schedule import stretches
from validators.stretch import StretchPlayer
from validators.weight_setter import WeightSetter
from validators.window_round import Leased

log = structlog.get_logger(__name__)

_RENEWALS_PER_LEASE = 3
_SHORTEST_RENEWAL_SECONDS = 1.0
_WEIGHT_CHECKS_PER_EPOCH = 20


class Validator:
    """Runs until it is told to stop."""

    def __init__(
        self,
        *,
        hotkey: Hotkey,
        netuid: Netuid,
        chain: Chain,
        server: ConversationServerClient,
        engine: Engine,
        player: StretchPlayer,
        weight_setter: WeightSetter,
        metrics: ValidatorMetrics,
        miners_per_window: int,
        conversations_in_flight: int,
        poll_seconds: float,
    ) -> None:
        """Keep the tools; nothing runs yet."""
        self._hotkey = hotkey
        self._netuid = netuid
        self._chain = chain
        self._server = server
        self._engine = engine
        self._player = player
        self._weights = weight_setter
        self._metrics = metrics
        self._miners_per_window = miners_per_window
        self._conversations_in_flight = conversations_in_flight
        self._poll_seconds = poll_seconds
        self._last_roll_call: int | None = None
        self._leasing = asyncio.Lock()
        self._holding: set[str] = set()
        self._given_up: deque[str] = deque(maxlen=16)
        self._random = random.Random()  # noqa: S311 - which miners are asked is no secret once they are asked

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set; then drop what is at hand (its lease is taken up again or expires)."""
        jobs = [asyncio.create_task(self._work()) for _ in range(self._conversations_in_flight)]
        jobs.append(asyncio.create_task(self._keep_weights()))
        try:
            await stop.wait()
        finally:
            for job in jobs:
                job.cancel()
            await asyncio.gather(*jobs, return_exceptions=True)
            self._weights.save()

    async def _work(self) -> None:
        while True:
            try:
                async with self._lease() as bundle:
                    await self._grade(bundle)
            except UnavailableError as exc:
                log.warning("conversation server does not answer", reason=str(exc))
                await asyncio.sleep(self._poll_seconds)
            except ConversationGenomeError as exc:
                log.warning("conversation given up", reason=str(exc), code=exc.code)
                await asyncio.sleep(self._poll_seconds)
            except Exception:
                self._metrics.failures.inc()
                log.exception("conversation failed")
                await asyncio.sleep(self._poll_seconds)

    @asynccontextmanager
    async def _lease(self) -> AsyncIterator[Bundle]:
        """Yield the next bundle, which is held until the block ends; one that fails is not taken up again.

        Only one of the workers asks at a time, however many have nothing to do.
        """
        async with self._leasing:
            while True:
                bundle = await self._server.lease(holding=[*self._holding, *self._given_up])
                if bundle is not None:
                    break
                await asyncio.sleep(self._poll_seconds)
            self._holding.add(bundle.lease_id)
            self._metrics.leases.set(len(self._holding))
        try:
            yield bundle
        except UnavailableError:  # nothing is wrong with it: it comes back first
            raise
        except Exception:
            self._given_up.append(bundle.lease_id)
            raise
        finally:
            self._holding.discard(bundle.lease_id)
            self._metrics.leases.set(len(self._holding))

    async def _grade(self, bundle: Bundle) -> None:
        """Grade a conversation; every line of the log that comes of it names the lease."""
        named = structlog.contextvars.bound_contextvars(request_id=bundle.lease_id)
        with named, span("grade conversation", cgp__request_id=bundle.lease_id):
            await self._grade_leased(bundle)

    async def _grade_leased(self, bundle: Bundle) -> None:
        log.info("leased", conversation=bundle.conversation["id"], windows=len(bundle.windows), attempt=bundle.attempt)
        try:
            async with asyncio.TaskGroup() as group:
                keeper = group.create_task(self._keep_lease(bundle))
                await self._grade_windows(bundle)
                keeper.cancel()
        except ExceptionGroup as failures:
            raise _first_failure(failures) from failures
        self._metrics.conversations.inc()
        log.info("completed")
        await asyncio.to_thread(self._weights.save)

    async def _grade_windows(self, bundle: Bundle) -> None:
        conversation = Conversation.from_record(bundle.conversation)
        windows = [_window(conversation, one) for one in bundle.windows]
        kind = task_type(bundle.task_type)
        ground_truth = await asyncio.to_thread(kind.generate, conversation, windows, self._engine)
        await self._server.put_ground_truth(bundle.lease_id, ground_truth)
        leased = Leased(bundle.lease_id, conversation, ground_truth, kind)
        metagraph = await asyncio.to_thread(self._chain.metagraph, self._netuid)
        submitted = _submitted(bundle)
        for stretch in stretches(windows, miners=self._miners_per_window, chance=self._random):
            asked = {window: self._choose_miners(metagraph, submitted[window.id]) for window in stretch}
            asked |= self._roll_call(metagraph, stretch, submitted)
            for rewards in await self._player.play(leased, {window: some for window, some in asked.items() if some}):
                self._weights.reward(rewards)
                self._metrics.windows.inc()
        await self._server.complete(bundle.lease_id)

    def _roll_call(
        self, metagraph: Metagraph, stretch: Sequence[Window], submitted: Mapping[str, Collection[Hotkey]]
    ) -> dict[Window, list[Neuron]]:
        """Once an epoch, return a window about which everybody is asked: so every pair of miners meets.

        The longest of a stretch: most can be told from it. None while it is asked about anew after a restart.
        """
        serving = self._serving(metagraph)
        window = max(stretch, key=lambda one: one.end - one.start)
        if metagraph.epoch == self._last_roll_call or len(serving) <= self._miners_per_window or submitted[window.id]:
            return {}
        self._last_roll_call = metagraph.epoch
        return {window: serving}

    def _serving(self, metagraph: Metagraph) -> list[Neuron]:
        return [one for one in metagraph.neurons if one.endpoint is not None and one.hotkey != self._hotkey]

    def _choose_miners(self, metagraph: Metagraph, done: Collection[Hotkey]) -> list[Neuron]:
        """Return a random draw of the miners that serve, less those whose answer was handed in before.

        Some places go to those that may be copies of the first one drawn.
        """
        serving = self._serving(metagraph)
        still = [one for one in serving if one.hotkey not in done]
        wanted = min(self._miners_per_window, len(serving)) - (len(serving) - len(still))
        drawn = self._random.sample(still, max(0, wanted))
        return self._with_suspects(drawn, {one.hotkey: one for one in still})

    def _with_suspects(self, drawn: Sequence[Neuron], still: Mapping[Hotkey, Neuron]) -> list[Neuron]:
        suspects = {
            hotkey: [other for other in others if other in still] for hotkey, others in self._weights.suspects().items()
        }
        return [still[hotkey] for hotkey in asked_together([one.hotkey for one in drawn], suspects)]

    async def _keep_lease(self, bundle: Bundle) -> None:
        """Renew the lease well before it runs out, for as long as this runs."""
        expires_at = bundle.expires_at
        while True:
            left = (expires_at - datetime.now(UTC)).total_seconds()
            await asyncio.sleep(max(_SHORTEST_RENEWAL_SECONDS, left / _RENEWALS_PER_LEASE))
            with suppress(UnavailableError):  # tried again soon; a lease that is lost says so itself
                status = await self._server.renew(bundle.lease_id)
                expires_at = status.expires_at or expires_at

    async def _keep_weights(self) -> None:
        """Set weights whenever they are due; a chain that is away is asked again."""
        while True:
            pause = self._poll_seconds
            try:
                rules = await asyncio.to_thread(self._chain.hyperparameters, self._netuid)
                pause = rules.tempo * rules.block_seconds / _WEIGHT_CHECKS_PER_EPOCH
                if await asyncio.to_thread(self._weights.set_when_due):
                    self._metrics.weights_set.inc()
            except ChainError as exc:
                log.warning("chain cannot be read; old weights stay", reason=str(exc))
            except Exception:
                self._metrics.failures.inc()
                log.exception("weights failed")
            await asyncio.sleep(pause)


def _window(conversation: Conversation, leased: LeasedWindow) -> Window:
    return Window(conversation_id=conversation.id, **leased.model_dump(exclude={"window_id"}))


def _submitted(bundle: Bundle) -> Mapping[str, Collection[Hotkey]]:
    """Return by window who was asked before, under the same lease."""
    done: defaultdict[str, set[Hotkey]] = defaultdict(set)
    for window_id, hotkey in bundle.submitted:
        done[window_id].add(Hotkey(hotkey))
    return done


def _first_failure(group: ExceptionGroup) -> Exception:
    """Return the failure that the others followed from."""
    first = group.exceptions[0]
    return _first_failure(first) if isinstance(first, ExceptionGroup) else first

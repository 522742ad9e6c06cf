"""One conversation, from its lease to its completion, taken up where it was broken off, if it was.

What may not be drawn or established twice is kept before it is used: the ground truth, who is asked about what, and
what is handed in. So a conversation that a killed validator held ends as it would have ended.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import structlog

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Metagraph, Neuron
from conversation_genome.client import ConversationServerClient
from conversation_genome.conversation import Conversation, Window
from conversation_genome.engines.base import Engine
from conversation_genome.errors import NobodyAnswersError
from conversation_genome.protocol.messages import Bundle, LeasedWindow
from conversation_genome.tasks.registry import task_type
from validators.choosing import Chooser
from validators.memory import Memory
from validators.metrics import ValidatorMetrics
from validators.neighbours import Neighbours
from validators.state import OpenLease
from validators.stretch import StretchPlayer
from validators.watchdog import advance, in_thread
from validators.window_round import Leased, WindowRound

log = structlog.get_logger(__name__)


class Grader:
    """Grades leased conversations with one set of tools."""

    def __init__(
        self,
        *,
        server: ConversationServerClient,
        engine: Engine,
        neighbours: Neighbours,
        chooser: Chooser,
        memory: Memory,
        player: StretchPlayer,
        window_round: WindowRound,
        metrics: ValidatorMetrics,
    ) -> None:
        """Keep the tools."""
        self._server = server
        self._engine = engine
        self._neighbours = neighbours
        self._chooser = chooser
        self._memory = memory
        self._player = player
        self._round = window_round
        self._metrics = metrics

    async def grade(self, bundle: Bundle) -> None:
        """Grade every window and complete the lease.

        Raises:
            NobodyAnswersError: If no miner serves or answers.
            StateUnwritableError: If what must be kept cannot be.
            ConversationGenomeError: Whatever else the server, the chain or the engine raises.
        """
        conversation = Conversation.from_record(bundle.conversation)
        windows = [_window(conversation, one) for one in bundle.windows]
        metagraph = await in_thread(self._neighbours.metagraph)
        lease = self._memory.state.leases.get(bundle.lease_id)
        if lease is None:
            lease = await self._open(bundle, conversation, windows, metagraph)
        else:
            log.info("lease taken up again", done=len(lease.done), waiting=len(lease.waiting), of=len(lease.plan))
        await self._server.put_ground_truth(bundle.lease_id, lease.ground_truth)
        advance()
        leased = Leased(bundle.lease_id, conversation, lease.ground_truth, task_type(bundle.task_type))
        for number in range(len(lease.plan)):
            if number not in lease.done:
                await self._stretch(number, lease, leased, windows, metagraph)
        await self._server.complete(bundle.lease_id)
        await in_thread(self._memory.closed, bundle.lease_id)
        self._metrics.conversations.inc()

    async def _open(
        self, bundle: Bundle, conversation: Conversation, windows: Sequence[Window], metagraph: Metagraph
    ) -> OpenLease:
        state = self._memory.state
        chosen = self._chooser.choose(
            metagraph,
            windows,
            submitted=_submitted(bundle),
            suspects=state.kinship.suspects(),
            last_roll_call=state.last_roll_call,
        )
        truth = await in_thread(task_type(bundle.task_type).generate, conversation, windows, self._engine)
        return await in_thread(self._memory.opened, bundle.lease_id, truth, chosen.plan, chosen.roll_call)

    async def _stretch(
        self, number: int, lease: OpenLease, leased: Leased, windows: Sequence[Window], metagraph: Metagraph
    ) -> None:
        """Hand in what was decided before, or play the stretch."""
        waiting = lease.waiting.get(number)
        if waiting is not None:
            await self._round.hand_in(lease.lease_id, number, waiting.submissions)
        else:
            await self._player.play(leased, self._asked(lease.plan[number], windows, metagraph), stretch=number)
        self._metrics.windows.inc(len(lease.plan[number]))

    def _asked(
        self, planned: Mapping[str, Sequence[Hotkey]], windows: Sequence[Window], metagraph: Metagraph
    ) -> dict[Window, list[Neuron]]:
        """Return the miners of each window as they serve now; those that left meanwhile are not asked."""
        serving = {one.hotkey: one for one in self._chooser.serving(metagraph)}
        by_id = {str(window.id): window for window in windows}
        asked = {
            by_id[window]: [serving[hotkey] for hotkey in hotkeys if hotkey in serving]
            for window, hotkeys in planned.items()
        }
        left = [window.id for window, miners in asked.items() if not miners and planned[window.id]]
        if left:
            raise NobodyAnswersError(f"of the miners that were to be asked about window {left[0]} none serves any more")
        return {window: miners for window, miners in asked.items() if miners}


def _window(conversation: Conversation, leased: LeasedWindow) -> Window:
    return Window(conversation_id=conversation.id, **leased.model_dump(exclude={"window_id"}))


def _submitted(bundle: Bundle) -> Mapping[str, Collection[Hotkey]]:
    """Return by window who was asked before, under the same lease."""
    done: defaultdict[str, set[Hotkey]] = defaultdict(set)
    for window_id, hotkey in bundle.submitted:
        done[window_id].add(Hotkey(hotkey))
    return done

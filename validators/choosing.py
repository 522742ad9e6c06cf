"""Who is asked about which window: drawn once for a conversation, and kept, so that a restart draws nothing anew."""

import random
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Metagraph, Neuron
from conversation_genome.conversation import Window
from conversation_genome.errors import NobodyAnswersError
from conversation_genome.rewards import asked_together
from validators.schedule import stretches

Plan = list[dict[str, tuple[Hotkey, ...]]]
"""By stretch: the miners of each window, by the window's id."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who is asked about a conversation."""

    plan: Plan
    roll_call: int | None
    """The epoch, if one of the windows goes to everybody."""


class Chooser:
    """Draws miners."""

    def __init__(self, own: Hotkey, *, miners_per_window: int) -> None:
        """Draw for this validator, so many miners a window."""
        self._own = own
        self._miners_per_window = miners_per_window
        self._random = random.Random()  # noqa: S311 - which miners are asked is no secret once they are asked

    def choose(
        self,
        metagraph: Metagraph,
        windows: Sequence[Window],
        *,
        submitted: Mapping[str, Collection[Hotkey]],
        suspects: Mapping[Hotkey, Sequence[Hotkey]],
        last_roll_call: int | None,
    ) -> Chosen:
        """Return who is asked about which window.

        Args:
            metagraph: Who serves.
            windows: All windows of the conversation.
            submitted: By window id, whose answer was handed in before under the same lease.
            suspects: By hotkey, those that may be copies of it.
            last_roll_call: The epoch in which everybody was last asked about one window.

        Raises:
            NobodyAnswersError: If no miner serves.
        """
        serving = self.serving(metagraph)
        if not serving:
            raise NobodyAnswersError(f"no miner serves on subnet {metagraph.netuid} at block {metagraph.block}")
        plan: Plan = []
        roll_call: int | None = None
        for stretch in stretches(windows, miners=self._miners_per_window, chance=self._random):
            asked: dict[str, tuple[Hotkey, ...]] = {
                window.id: self._draw(serving, submitted.get(window.id, ()), suspects) for window in stretch
            }
            longest = max(stretch, key=lambda one: one.end - one.start)
            is_due = roll_call is None and self._is_roll_call_due(metagraph, len(serving), last_roll_call)
            if is_due and not submitted.get(longest.id):
                roll_call = metagraph.epoch
                asked[longest.id] = tuple(one.hotkey for one in serving)
            plan.append(asked)
        return Chosen(plan, roll_call)

    def serving(self, metagraph: Metagraph) -> list[Neuron]:
        """Return the miners that can be asked."""
        return [one for one in metagraph.neurons if one.endpoint is not None and one.hotkey != self._own]

    def _is_roll_call_due(self, metagraph: Metagraph, serving: int, last: int | None) -> bool:
        """Return whether everybody is to be asked about one window: once an epoch, so that every pair of miners meets.

        It is the longest of a stretch, from which most can be told, and none that is asked about anew after a restart.
        """
        return metagraph.epoch != last and serving > self._miners_per_window

    def _draw(
        self, serving: Sequence[Neuron], done: Collection[Hotkey], suspects: Mapping[Hotkey, Sequence[Hotkey]]
    ) -> tuple[Hotkey, ...]:
        """Return a random draw of the miners that serve, less those whose answer was handed in before.

        Some places go to those that may be copies of the first one drawn.
        """
        still = {one.hotkey for one in serving if one.hotkey not in done}
        wanted = min(self._miners_per_window, len(serving)) - (len(serving) - len(still))
        drawn = self._random.sample(sorted(still), max(0, wanted))
        left = {hotkey: [other for other in others if other in still] for hotkey, others in suspects.items()}
        return tuple(asked_together(drawn, left))

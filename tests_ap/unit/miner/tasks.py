"""A task as a validator sends it."""

from typing import Any

from conversation_genome.protocol.messages import MinerTask

LINES = (
    (0, "The sourdough starter smells of pears again, so I baked a loaf before work."),
    (1, "Mine died in August. Which flour do you feed your starter, rye or wheat?"),
    (0, "Rye, always rye. The crust on the last loaf was nearly black."),
    (1, "That's how my grandmother liked her loaf, with far too much butter."),
)


def a_task(**changes: Any) -> MinerTask:
    """Return a small task."""
    fields = {
        "task_id": "task-1",
        "task_type": "conversation_tagging",
        "participants": ("SPEAKER_0", "SPEAKER_1"),
        "lines": LINES,
        "timeout_seconds": 2.0,
    }
    return MinerTask.model_validate(fields | changes)

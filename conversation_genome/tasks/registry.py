"""The task types that there are: adding one is one line here."""

from typing import Final

from conversation_genome.errors import InputError
from conversation_genome.tasks.base import TaskType
from conversation_genome.tasks.conversation_tagging.tagging import ConversationTagging

_TASK_TYPES: Final[tuple[TaskType, ...]] = (ConversationTagging(),)

TASK_TYPES: Final[dict[str, TaskType]] = {known.name: known for known in _TASK_TYPES}


def task_type(name: str) -> TaskType:
    """Return the task type of that name.

    Raises:
        InputError: If there is none; the message lists the known ones.
    """
    if name not in TASK_TYPES:
        raise InputError(f"there is no task type {name!r}; known are: {', '.join(sorted(TASK_TYPES))}")
    return TASK_TYPES[name]

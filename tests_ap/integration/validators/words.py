"""A light engine for tests: its tags are the longest words of a talk, so that reading costs next to nothing."""

import re
from collections.abc import Sequence

from conversation_genome.annotation import Annotation, Tag
from conversation_genome.conversation import Conversation, Window
from conversation_genome.protocol.messages import MinerAnswer, MinerTask

_WORD = re.compile(r"[a-z]{5,}")


def words_of(text: str, count: int) -> tuple[Tag, ...]:
    """Return so many of the longest words, of equal ones the first in the alphabet."""
    found = sorted(set(_WORD.findall(text.lower())), key=lambda word: (-len(word), word))
    return tuple(Tag(text=word) for word in found[:count]) or (Tag(text="silence"),)


class WordsEngine:
    """Establishes a ground truth."""

    name = "words/1"

    def annotate(self, conversation: Conversation, *, max_tags: int = 20) -> Annotation:
        """Return the longest words of the whole conversation."""
        return Annotation(tags=words_of(" ".join(line.text for line in conversation.lines), max_tags))

    def annotate_windows(
        self, conversation: Conversation, windows: Sequence[Window], *, max_tags: int = 20
    ) -> list[tuple[Tag, ...]]:
        """Return the longest words of each window."""
        return [
            words_of(" ".join(line.text for line in conversation.lines[one.start : one.end]), max_tags)
            for one in windows
        ]


class WordsMiner:
    """A behaviour of a miner: the more words it gives, the more it earns."""

    concurrency = 2

    def __init__(self, count: int) -> None:
        """Answer with so many words."""
        self._count = count

    def answer(self, task: MinerTask) -> MinerAnswer | bytes:
        """Return the longest words of the window; nonsense, and late, where it is asked for none."""
        if not self._count:
            return b"nonsense"
        text = " ".join(line for _, line in task.lines)
        return MinerAnswer(task_id=task.task_id, tags=words_of(text, self._count), engine="words/1")

    def close(self) -> None:
        """Hold nothing."""

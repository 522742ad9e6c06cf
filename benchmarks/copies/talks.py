"""Windows of real conversations, as a validator would send them out."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from conversation_genome.conversation import TASK_LEVEL, Conversation, Window
from conversation_genome.errors import ConversationTooShortError
from conversation_genome.windowing.cutting import cut
from conversation_genome.windowing.settings import WindowingSettings

DATA: Final = Path(__file__).parents[3] / "shared" / "data"
KINDS: Final = (
    "chat_topicalchat", "meetings_qmsum", "podcast_changelog", "chat_irc_ubuntu", "profiles_casino", "task_taskmaster4",
)  # fmt: skip
WINDOWS_A_TALK: Final = 5


def talks(kind: str, *, count: int, half: int) -> Iterator[tuple[Conversation, tuple[Window, ...], list[Window]]]:
    """Yield (conversation, all its windows, some neighbouring ones to ask about) of one half of a file."""
    rows = (DATA / f"{kind}.jsonl").read_text(encoding="utf-8").splitlines()[half::2]
    random.Random(f"{kind}/{half}").shuffle(rows)
    for row in rows[:count]:
        record = json.loads(row)
        record["lines"] = record["lines"][:160]
        conversation = Conversation.from_record(record)
        try:
            windows = cut(conversation, WindowingSettings(boundaries="words"))
        except ConversationTooShortError:
            continue
        asked = [window for window in windows if window.level == TASK_LEVEL]
        start = random.Random(conversation.id).randrange(max(1, len(asked) - WINDOWS_A_TALK + 1))
        yield conversation, windows, asked[start : start + WINDOWS_A_TALK]

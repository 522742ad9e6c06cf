"""The labelled talks with the vectors of their lines."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from random import Random

import numpy as np

from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import Embedder
from conversation_genome.embedding.by_language import embedder_for
from conversation_genome.windowing.boundaries import gap_features

DATA = Path(__file__).resolve().parents[4] / "shared" / "data"
TOPIC_SETS = ("segmentation_tiage", "segmentation_stitched", "segmentation_sgd", "meetings_qmsum")
CHAT_SET = "chat_irc_ubuntu"
MEETINGS = 30
"""About every third: they are long, and their lines many."""

JAPANESE_TALKS = 60


@dataclass(frozen=True)
class Talk:
    """A labelled conversation."""

    conversation: Conversation
    vectors: np.ndarray

    @property
    def boundaries(self) -> list[int]:
        """Lines that people say begin a topic."""
        return [line for line in self.conversation.labels["boundaries"] if 0 < line < len(self.conversation.lines)]

    @property
    def threads(self) -> list[int | None]:
        """The thread of each line; None where nobody said."""
        return self.conversation.labels["threads"]

    @cached_property
    def gaps(self) -> np.ndarray:
        """The features of the gaps."""
        return gap_features(self.conversation.lines, self.vectors)

    @cached_property
    def cuts(self) -> np.ndarray:
        """1.0 for each gap that people cut."""
        return np.isin(np.arange(1, len(self.conversation.lines)), self.boundaries).astype(float)


def load_talks(name: str, embedder: Embedder) -> list[Talk]:
    """Return the talks of a file, embedded."""
    lines = (DATA / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    records = map(json.loads, lines[:: max(1, len(lines) // MEETINGS)] if name == "meetings_qmsum" else lines)
    return list(embedded((Conversation.from_record(record) for record in records), embedder))


def stitched_japanese(embedder: Embedder) -> list[Talk]:
    """Return chats of three to five real Japanese excerpts each, glued together; where they meet is the truth."""
    lines = (DATA / "profiles_realpersona_ja.jsonl").read_text(encoding="utf-8").splitlines()
    random = Random(1)
    excerpts = [json.loads(line)["lines"] for line in lines]
    random.shuffle(excerpts)
    records = []
    while len(records) < JAPANESE_TALKS:
        parts = [excerpts.pop()[4:][: random.randint(6, 14)] for _ in range(random.randint(3, 5))]
        glued = [line[:2] for part in parts for line in part]
        cuts = list(accumulate(map(len, parts)))[:-1]
        records.append(
            {"id": f"ja-{len(records)}", "participants": ["A", "B"], "language": "ja", "lines": glued,
             "labels": {"boundaries": cuts}}
        )  # fmt: skip
    return list(embedded(map(Conversation.from_record, records), embedder))


def embedded(conversations: Iterable[Conversation], embedder: Embedder) -> Iterable[Talk]:
    """Yield conversations with their vectors, by the model of their language."""
    for conversation in conversations:
        reader = embedder_for(embedder, conversation.language)
        yield Talk(conversation, reader.embed([line.text for line in conversation.lines]))

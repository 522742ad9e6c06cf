"""Merged records made up for the tests of publishing."""

from datetime import UTC, datetime

import numpy as np

from conversation_genome.annotation import Aspect, Fact, FactKind, Profile
from conversation_genome.conversation import Conversation, Utterance
from conversation_genome.embedding.base import EmbeddingModel, FloatArray
from conversation_genome.quality.base import Quality
from conversation_genome.record import ConsensusTag, MergedRecord, WindowRecord

MODEL = EmbeddingModel(name="letters", revision="1", dimensions=4)


class LetterEmbedder:
    """Embeds by the length of the text: enough to see where vectors go."""

    model = MODEL

    def embed(self, texts):
        vectors = np.array([[len(text), 1, 2, 3] for text in texts], dtype=np.float32).reshape(-1, 4)
        result: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return result


class SyllableEmbedder:
    """Gives every text the same vector of three numbers."""

    def __init__(self, model: EmbeddingModel) -> None:
        self.model = model

    def embed(self, texts):
        return np.tile(np.array([0, 1, 0], dtype=np.float32), (len(texts), 1))


def record(id_: str = "talk-1", *, license_: str | None = "MIT", model: EmbeddingModel = MODEL) -> MergedRecord:
    lines = (Utterance(speaker=0, text="I grow tomatoes on my balcony"), Utterance(speaker=1, text="How many?", at=2.5))
    tomatoes = ConsensusTag(text="balcony tomatoes", aspect=Aspect.TOPIC, weight=0.75, support=3)
    fact = Fact(kind=FactKind.INTEREST, text="growing tomatoes", evidence=(0,), confidence=0.5)
    return MergedRecord(
        conversation=Conversation(
            id=id_, source="tests", license=license_, participants=("Ana", "Bo"), lines=lines, language="en"
        ),
        tags=(tomatoes, ConsensusTag(text="gardening", aspect=Aspect.ACTIVITY, weight=0.5, support=2)),
        windows=(WindowRecord(window_id="0-0-2", level=0, start=0, end=2, tags=(tomatoes,), answers=3),),
        profiles=(Profile(participant="Ana", facts=(fact,)), Profile(participant="Bo")),
        embedding=(0.0, 0.6, 0.8, 0.0),
        embedding_model=model,
        quality=Quality(
            relevance=0.5, engagement=0.25, novelty=1, coherence=0.75, fluency=1, boring_index=0.25, lines=(0.5, 0.75)
        ),
        miners=3,
        validators=2,
        scoring_version="1",
        merged_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    )

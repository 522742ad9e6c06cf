"""Small merged conversations to search in."""

from datetime import UTC, datetime

from conversation_genome.annotation import Aspect
from conversation_genome.conversation import Conversation
from conversation_genome.embedding.base import EmbeddingModel
from conversation_genome.quality.base import Quality
from conversation_genome.record import ConsensusTag, MergedRecord, WindowRecord

_QUALITY = Quality(relevance=0.5, engagement=0.5, novelty=0.5, coherence=0.5, fluency=0.5, boring_index=0.5, lines=())

TALKS = {
    "bread": (
        ["sourdough", "baking"],
        [
            "Hi there!",
            "My sourdough starter died again last week.",
            "Did you feed it with rye flour?",
            "I baked two loaves on Sunday and both stayed flat.",
        ],
    ),
    "dog": (
        ["anxious dog", "vet"],
        [
            "Our dog hides under the bed whenever there is thunder.",
            "The vet said we should play him quiet music.",
            "Does he calm down when you sit with him?",
            "Sometimes, but fireworks are the worst.",
        ],
    ),
    "trains": (
        ["night trains", "travel"],
        [
            "We took the sleeper from Vienna to Venice.",
            "Was the bed in the compartment any good?",
            "I hardly slept, but waking up at the lagoon was worth it.",
            "Tickets sell out months ahead.",
        ],
    ),
    "sushi": (
        ["寿司"],
        ["昨日は新しい店で寿司を食べました。", "美味しかったですか?", "はい、とても新鮮でした。", "いいですね。"],
    ),
}


def merged(conversation_id, tags=None, lines=None, **changes):
    """Return a merged record of two speakers with windows of two lines."""
    known_tags, known_lines = TALKS.get(conversation_id, ([], []))
    texts = known_lines if lines is None else lines
    conversation = Conversation.from_record(
        {
            "id": conversation_id,
            "source": "test",
            "participants": ["Ann", "Bob"],
            "lines": [[number % 2, text] for number, text in enumerate(texts)],
        }
    )
    spans = [(0, 0, len(texts))] + [(2, start, min(start + 2, len(texts))) for start in range(0, len(texts), 2)]
    fields = {
        "conversation": conversation,
        "tags": tuple(
            ConsensusTag(text=text, aspect=Aspect.TOPIC, weight=1.0, support=2)
            for text in (known_tags if tags is None else tags)
        ),
        "windows": tuple(
            WindowRecord(window_id=f"{level}-{start}-{end}", level=level, start=start, end=end, tags=(), answers=1)
            for level, start, end in spans
        ),
        "profiles": (),
        "embedding": (1.0,),
        "embedding_model": EmbeddingModel(name="x", revision="1", dimensions=1),
        "quality": _QUALITY,
        "miners": 2,
        "validators": 1,
        "scoring_version": "1",
        "merged_at": datetime(2024, 1, 1, tzinfo=UTC),
    }
    return MergedRecord(**(fields | changes))

"""The records and conditions that stores are tried with. No module of tests by itself."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from conversation_genome.testing.embedder import HashEmbedder
from conversation_genome.vector_store.base import Level, VectorModel, VectorRecord
from conversation_genome.vector_store.conditions import (
    All,
    AnyOf,
    FieldIs,
    FieldName,
    Not,
    Phrase,
    Started,
    Word,
)

MODEL = VectorModel("hash", "1", 64)
HOSTILE = [
    "' OR 1=1 --",
    '"bread" AND NOT (tea)',
    "bread*~^2 +tea -coffee field:bread",
    "\x00",
    "\ud800",
    "%_\\",
    "{}[]",
    "it's",
    "a" * 100_000,
]


def vector_of(text):
    return HashEmbedder().embed([text])[0]


def record(conversation_id="c1", text="fresh bread", level=Level.WINDOW, part="2-0-9", **changes):
    fields = {
        "conversation_id": conversation_id,
        "text": text,
        "level": level,
        "part": part,
        "vector": vector_of(text),
        "model": MODEL,
    }
    return VectorRecord(**(fields | changes))


MAY = datetime(2024, 5, 1, tzinfo=UTC)
LEAVES = [
    Word("baking"),
    Word("the"),
    Word("寿司屋"),
    Word("🎉"),
    Phrase("the bread"),
    Phrase("bread the"),
    Phrase("Brûlée"),
    FieldIs(FieldName.SPEAKER, "ann"),
    FieldIs(FieldName.SPEAKER, "Ann Smith"),
    FieldIs(FieldName.SOURCE, "PODCAST"),
    FieldIs(FieldName.TAG, "fresh bread"),
    FieldIs(FieldName.TAG, "bread"),
    FieldIs(FieldName.LANGUAGE, "en"),
    Started(MAY, None),
    Started(None, MAY),
    Started(MAY, MAY),
]
CONDITIONS = st.recursive(
    st.sampled_from(LEAVES) | st.builds(Word, st.text(max_size=5)) | st.builds(Phrase, st.text(max_size=5)),
    lambda inner: (
        st.builds(Not, inner)
        | st.builds(All, st.lists(inner, max_size=3).map(tuple))
        | st.builds(AnyOf, st.lists(inner, max_size=3).map(tuple))
    ),
    max_leaves=6,
)


def varied_records():
    """Twelve conversations that differ in everything a condition can ask; of each the whole and one window."""
    lines = ("Ann: I bake the bread", "Bob: bread, the best", "アン: 寿司屋 🎉", "Ann: crème brûlée")
    people = (("Ann Smith", "Bob"), ("Annette",), ())
    return [
        record(
            f"c{n}",
            lines[n % 4] + "\n" + lines[n // 4],
            level=level,
            part=str(level),
            source=("podcast", "chat")[n % 2],
            language=("en", "en-GB", "ja", None)[n % 4],
            started_at=(MAY, MAY.replace(day=2), MAY.replace(month=4), None)[n % 4],
            tags=(("Fresh Bread",), ("bread", "tea"), ())[n % 3],
            speakers=people[n % 3],
            sketch=bytes([n, 0]),
        )
        for n in range(12)
        for level in (Level.CONVERSATION, Level.WINDOW)
    ]

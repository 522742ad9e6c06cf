"""The dataset card: what is in the folder, in words for people and in YAML for `load_dataset` and the hub."""

from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from conversation_genome.atomic_file import write_atomically
from conversation_genome.publishing import hub, other_vectors
from conversation_genome.publishing.publication import Publication
from conversation_genome.publishing.splits import SPLITS
from conversation_genome.publishing.tables import TABLES, schemas, type_words

TITLE: Final = "Conversation Genome"
_SIZES: Final = (
    (1_000, "n<1K"),
    (10_000, "1K<n<10K"),
    (100_000, "10K<n<100K"),
    (1_000_000, "100K<n<1M"),
    (10_000_000, "1M<n<10M"),
    (100_000_000, "10M<n<100M"),
    (1_000_000_000, "100M<n<1B"),
)
_HUB_NAMES: Final = {"public-domain": "other"}
_TABLES_ABOUT: Final = {
    "conversations": "One row a conversation: the transcript and everything that was established about it.",
    "windows": "One row a window: a run of lines that miners read, with what they agreed on. Level 0 is the whole conversation, 1 a topic segment, 2 a run of about ten lines.",
    "tags": "One row a tag, whatever it is held by.",
    "conversation_tags": "One row for each tag of a conversation (no window) and of a window.",
    "profiles": "One row a fact that a participant said of themselves.",
}
_PROVENANCE_ABOUT: Final = {
    "miners": "miners with at least one scored answer to this conversation",
    "validators": "validators who graded it",
    "scoring_version": "version of the scoring",
    "record_revision": "begins the SHA-256 of the merged record: equal in all rows of a conversation, another one when it is merged anew",
}
_COLUMNS_ABOUT: Final = {
    "conversations": {
        "id": "as imported",
        "c_guid": "equal to `id`",
        "source": "where the conversation comes from",
        "license": "SPDX identifier",
        "license_statement": "the licence in the words of the source",
        "language": "language code, as the source states it or as the words tell",
        "started_at": "UTC, where the source tells",
        "participants": "names as in the source",
        "transcript": "lines in order: the speaker, the text and, unless the speaker is given by name alone, the seconds since the start where known",
        "tags": "consensus tags, best first",
        "quality": "relevance, engagement, novelty, coherence, fluency, each in [0, 1], higher is better",
        "boring_index": "the five in one number; 1 is boring",
        "line_quality": "one number a line: its quality given the lines before it",
        "windows": "windows that were read",
        "answers": "graded answers that went in",
        "merged_at": "when the answers were merged, UTC",
        "content_hash": "SHA-256 of who said what",
        "embedding_model": "model of the conversation's vector: its language decides",
        "embedding_revision": "what pins the model's weights",
        "embedding": "unit vector of the whole conversation by the main model; empty where another one made it: see its table",
        **_PROVENANCE_ABOUT,
    },
    "windows": {
        "conversation_id": "`id` in `conversations`",
        "window_id": "unique within the conversation",
        "level": "0, 1 or 2",
        "start": "first line",
        "end": "one past the last line",
        "thread": "number of the thread where several interleave, else empty",
        "lines": "the lines that belong to the window where its thread skips others, else empty",
        "tags": "consensus tags, best first",
        "answers": "graded answers that went in",
        **_PROVENANCE_ABOUT,
    },
    "tags": {
        "tag_id": "equal for an equal text and aspect in every publication",
        "text": "the tag",
        "aspect": "topic, entity, activity, product, place, organisation, sentiment or intent",
        "model": "model of the vector",
        "revision": "what pins the model's weights",
        "vector": "unit vector of the text by the main model; empty where only another one read it: see its table",
    },
    "conversation_tags": {
        "conversation_id": "`id` in `conversations`",
        "tag_id": "`tag_id` in `tags`",
        "text": "the tag",
        "level": "level of the window; 0 for the conversation",
        "window_id": "`window_id` in `windows`; empty for the conversation's own tags",
        "windows": "the windows in which it was found",
        "support": "miners who hold it",
        "score": "how central it is, in [0, 1], from the weights and the scores of the answers that hold it",
        **_PROVENANCE_ABOUT,
    },
    "profiles": {
        "conversation_id": "`id` in `conversations`",
        "participant": "name as in the source",
        "kind": "interest, role, preference, person or place",
        "text": "the fact",
        "evidence": "line numbers that it rests on, from 0",
        "windows": "the windows that hold these lines",
        "confidence": "in [0, 1], from the scores of the answers that hold it",
        **_PROVENANCE_ABOUT,
    },
}
"""Every column has its words: a column without them is a bug that a test finds."""
DIVIDED: Final = ("conversations", "windows", "conversation_tags", "profiles")
"""Tables in splits; the others are there to look things up in."""
_VECTORS_ABOUT: Final = "One row a vector of this model, which reads languages that the main model does not."
_VECTOR_COLUMNS_ABOUT: Final = {
    "kind": "`conversation` or `tag`",
    "id": "`id` in `conversations`, or `tag_id` in `tags`",
    "model": "model of the vector",
    "revision": "what pins the model's weights",
    "vector": "unit vector",
}


def write_card(publication: Publication, path: Path) -> None:
    """Write the card (`README.md`)."""
    write_atomically(path, card(publication))


def card(publication: Publication) -> str:
    """Return the card: YAML front matter, then Markdown."""
    environment = Environment(  # noqa: S701 (Markdown, not HTML; what a source wrote goes through `cell`)
        loader=PackageLoader(__package__, "."), undefined=StrictUndefined, keep_trailing_newline=True
    )
    environment.filters["cell"] = _cell
    text = environment.get_template("card_template.md").render(
        title=TITLE,
        publication=publication,
        rows=publication.rows,
        tables=[*(_table(name, publication) for name in TABLES), *_vector_tables(publication)],
        vector_table=other_vectors.table_name,
        splits=[name for name in SPLITS if name in publication.splits.get("conversations", {})],
        empty=[name for name in TABLES if not publication.rows[name]],
        examples=publication.has_tag_vectors and "train" in publication.splits.get("conversation_tags", {}),
    )
    return f"---\n{_front_matter(publication)}\n---\n\n{text}"


def _front_matter(publication: Publication) -> str:
    licences = sorted({_HUB_NAMES.get(name.lower(), name.lower()) for name in publication.licences})
    return hub.front_matter(
        pretty_name=TITLE,
        language=sorted(publication.languages) or None,
        license=licences[0] if len(licences) == 1 else licences or None,
        size_categories=[next((name for limit, name in _SIZES if publication.conversations < limit), "n>1T")],
        tags=["conversations", "dialogue", "tags", "profiles", "embeddings"],
        configs=[
            {
                "config_name": name,
                **({"default": True} if name == "conversations" else {}),
                "data_files": _data_files(name, publication.splits[name]),
            }
            for name in (*TABLES, *map(other_vectors.table_name, publication.other_models))
            if publication.rows.get(name)
        ]
        or None,
    )


def _data_files(table: str, splits: dict[str, int]) -> list[dict[str, str]]:
    """Return where the rows of each split lie; a split or a table without rows cannot be loaded and is not offered."""
    if table not in DIVIDED:
        return [{"split": SPLITS[0], "path": f"{table}/*.parquet"}]
    return [{"split": name, "path": f"{table}/{name}-*.parquet"} for name in SPLITS if name in splits]


def _table(name: str, publication: Publication) -> dict[str, Any]:
    dimensions = publication.embedding_model.dimensions if publication.embedding_model else 1
    schema = schemas(dimensions, has_original_columns=publication.has_original_columns)[name]
    return {
        "name": name,
        "count": publication.rows[name],
        "about": _TABLES_ABOUT[name],
        "columns": [
            {"name": field.name, "type": type_words(field.type), "about": _COLUMNS_ABOUT[name][field.name]}
            for field in schema
        ],
    }


def _vector_tables(publication: Publication) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "count": publication.rows.get(name, 0),
            "about": _VECTORS_ABOUT,
            "columns": [
                {"name": field.name, "type": type_words(field.type), "about": _VECTOR_COLUMNS_ABOUT[field.name]}
                for field in other_vectors.schema(model.dimensions)
            ],
        }
        for model in publication.other_models
        for name in (other_vectors.table_name(model),)
    ]


def _cell(text: str) -> str:
    """Return the text as it may stand in a cell of a Markdown table, without markup."""
    plain = " ".join(text.split())[:200]
    return "`" + plain.replace("`", "'").replace("|", "/") + "`"

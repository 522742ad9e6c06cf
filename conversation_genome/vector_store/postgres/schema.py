"""The tables of a store, and its model in a register of them all.

Beside the records stand their word statistics: what each write adds or takes away is a row of its own, so that writers
do not wait for each other's rows, and BM25 is exact in every transaction. `consolidate` adds the rows up.
"""

import hashlib
from typing import Any, Final

from conversation_genome.vector_store.base import Level, VectorModel

REGISTER: Final = "cgp_vector_stores"
_REGISTER_LOCK: Final = 7_305_808_869_231_650_147
"""Of this project's own choosing: `pg_advisory_lock` knows nothing but numbers."""


class Tables:
    """The names of a store's tables and indices; made of nothing but a model's hash."""

    def __init__(self, model: VectorModel) -> None:
        exact = hashlib.sha256(repr(tuple(model)).encode()).hexdigest()[:12]
        self.records = f"cgp_vectors_{exact}"
        self.terms = f"{self.records}_terms"
        self.totals = f"{self.records}_totals"
        self.words_index = f"{self.records}_words"
        self.lock = int(exact, 16)
        self.building_lock = -self.lock

    def graph(self, level: Level) -> str:
        """Return the name of the index of a level's vectors."""
        return f"{self.records}_{level}_hnsw"


async def every_model(connection: Any) -> list[VectorModel]:
    """Return the models that there are stores of."""
    if await connection.fetchval("SELECT to_regclass($1)", REGISTER) is None:
        return []
    rows = await connection.fetch(f"SELECT name, revision, dimensions FROM {REGISTER} ORDER BY name, revision")  # noqa: S608 - a constant
    return [VectorModel(*row) for row in rows]


async def create(connection: Any, model: VectorModel) -> None:
    """Make the tables of a model's store where there are none."""
    await connection.execute("SELECT pg_advisory_xact_lock($1)", _REGISTER_LOCK)
    if model in await every_model(connection):
        return
    tables = Tables(model)
    await connection.execute(_TABLES.format(register=REGISTER, t=tables, dimensions=model.dimensions))
    await connection.execute(f"INSERT INTO {REGISTER} VALUES ($1, $2, $3, $4)", tables.records, *model)  # noqa: S608


async def consolidate(connection: Any, tables: Tables) -> None:
    """Add up the word statistics."""
    for table, keys, values in (
        (tables.terms, "term", ("records",)),
        (tables.totals, "", ("records", "length", "writes")),
    ):
        sums = ", ".join(f"sum({value})::bigint AS {value}" for value in values)
        group = f"GROUP BY {keys}" if keys else ""
        columns = ", ".join(([keys] if keys else []) + list(values))
        await connection.execute(
            f"WITH gone AS (DELETE FROM {table} RETURNING *) "  # noqa: S608 - names of our own tables
            f"INSERT INTO {table} ({columns}) SELECT {keys + ', ' if keys else ''}{sums} FROM gone {group}"
            + (" HAVING sum(records) <> 0" if keys else "")
        )


_TABLES: Final = """
CREATE TABLE IF NOT EXISTS {register} (
    records text PRIMARY KEY, name text NOT NULL, revision text NOT NULL, dimensions int NOT NULL
);
CREATE TABLE {t.records} (
    id uuid PRIMARY KEY,
    conversation_id text COLLATE "C" NOT NULL,
    level text COLLATE "C" NOT NULL,
    part text COLLATE "C" NOT NULL,
    text text NOT NULL,
    title text NOT NULL,
    source text COLLATE "C" NOT NULL,
    language text COLLATE "C",
    started_at timestamptz,
    tags text[] NOT NULL,
    speakers text[] NOT NULL,
    sketch bytea NOT NULL,
    vector vector({dimensions}) NOT NULL,
    source_key text COLLATE "C" NOT NULL,
    language_key text COLLATE "C" NOT NULL,
    tag_keys text[] COLLATE "C" NOT NULL,
    speaker_keys text COLLATE "C" NOT NULL,
    terms bigint[] NOT NULL
) WITH (toast_tuple_target = 8160);
CREATE INDEX ON {t.records} (conversation_id);
CREATE INDEX ON {t.records} (level, (started_at IS NULL), started_at DESC, conversation_id);
CREATE INDEX ON {t.records} USING gin (tag_keys);
CREATE TABLE {t.terms} (term bigint NOT NULL, records bigint NOT NULL);
CREATE INDEX ON {t.terms} (term) INCLUDE (records);
CREATE TABLE {t.totals} (records bigint NOT NULL, length bigint NOT NULL, writes bigint NOT NULL);
"""

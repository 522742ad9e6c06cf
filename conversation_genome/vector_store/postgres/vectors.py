"""The nearest vectors in SQL: by pgvector's graph where a level has one, else by looking at each."""

from typing import Any, Final

from conversation_genome.vector_store.base import FloatArray, Level, SearchFilter, VectorModel
from conversation_genome.vector_store.postgres.filters import Parameters, condition_of
from conversation_genome.vector_store.postgres.schema import Tables

ROWS_WORTH_AN_INDEX: Final = 20_000
"""Below, looking at every vector of a level takes a few milliseconds."""
BREADTH: Final = 200
"""Candidates that a search of the graph keeps in sight."""
_BUILD: Final = "WITH (m = 16, ef_construction = 80)"


async def nearest(
    connection: Any, tables: Tables, model: VectorModel, vector: FloatArray, filters: SearchFilter, *, depth: int
) -> dict[str, float]:
    """Return the `depth` records whose vectors are nearest and that pass: their cosine by id."""
    indexed = await _indexed(connection, tables)
    levels = [level for level in Level if not filters.levels or level in filters.levels]
    found: dict[str, float] = {}
    for level in levels:
        near = await _of_level(connection, tables, model, vector, filters, level, depth, by_graph=level in indexed)
        found |= near
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:depth])


async def build(connection: Any, tables: Tables, model: VectorModel) -> None:
    """Make the indices that pay: of the words, and of the vectors of each level that has many."""
    counts = await connection.fetch(f"SELECT level, count(*) AS rows FROM {tables.records} GROUP BY level")  # noqa: S608
    total = sum(row["rows"] for row in counts)
    if total >= ROWS_WORTH_AN_INDEX:
        await connection.execute(
            f"CREATE INDEX IF NOT EXISTS {tables.words_index} ON {tables.records} USING gin (terms)"
        )
    for row in counts:
        if row["rows"] >= ROWS_WORTH_AN_INDEX:
            level = Level(row["level"])
            half = _half("vector", model)
            await connection.execute(
                f"CREATE INDEX IF NOT EXISTS {tables.graph(level)} ON {tables.records} "
                f"USING hnsw (({half}) halfvec_ip_ops) {_BUILD} WHERE level = '{level}'"
            )
    await connection.execute(f"ANALYZE {tables.records}")


async def _indexed(connection: Any, tables: Tables) -> set[Level]:
    names = [tables.graph(level) for level in Level]
    rows = await connection.fetch(
        "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = oid WHERE relname = ANY($1) AND indisvalid", names
    )
    found = {row["relname"] for row in rows}
    return {level for level in Level if tables.graph(level) in found}


async def _of_level(
    connection: Any,
    tables: Tables,
    model: VectorModel,
    vector: FloatArray,
    filters: SearchFilter,
    level: Level,
    depth: int,
    *,
    by_graph: bool,
) -> dict[str, float]:
    parameters = Parameters(vector)
    condition = condition_of(filters, parameters)
    exactly = "vector <#> $1"
    order = f"{_half('vector', model)} <#> {_half('$1::vector', model)}" if by_graph else f"{exactly}, id"
    query = (
        f"SELECT id, -({exactly}) AS cosine FROM {tables.records} WHERE level = '{level}' AND {condition} "  # noqa: S608
        f"ORDER BY {order} LIMIT {parameters.add(depth)}"
    )
    if by_graph:
        await connection.execute(f"SET LOCAL hnsw.ef_search = {max(BREADTH, depth)}")
        await connection.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
    rows = await connection.fetch(query, *parameters.values)
    if by_graph and len(rows) < depth:
        return await _of_level(connection, tables, model, vector, filters, level, depth, by_graph=False)
    return {row["id"].hex: row["cosine"] for row in rows}


def _half(value: str, model: VectorModel) -> str:
    return f"({value})::halfvec({model.dimensions})"

"""The nearest vectors in SQL: by pgvector's graph where a level has one, else by looking at each."""

from typing import Any, Final

from conversation_genome.vector_store.base import FloatArray, Level, SearchFilter, VectorModel
from conversation_genome.vector_store.postgres.filters import Parameters, condition_of
from conversation_genome.vector_store.postgres.schema import Tables

ROWS_WORTH_AN_INDEX: Final = 20_000
"""Below, looking at every vector of a level takes a few milliseconds."""
BREADTH: Final = 200
"""Candidates that a search of the graph keeps in sight."""
MAX_BREADTH: Final = 1_000
"""What pgvector takes at most; an iterative scan goes on from there."""
_BUILD_MEMORY: Final = "1GB"
_BUILD: Final = "WITH (m = 16, ef_construction = 80)"


async def nearest(
    connection: Any,
    tables: Tables,
    model: VectorModel,
    vector: FloatArray,
    filters: SearchFilter,
    *,
    depth: int,
    may_use_graphs: bool = True,
) -> dict[str, float]:
    """Return the `depth` records whose vectors are nearest and that pass: their cosine by id."""
    with_graph = await indexed(connection, tables) if may_use_graphs else set()
    levels = [level for level in Level if not filters.levels or level in filters.levels]
    found: dict[str, float] = {}
    for level in levels:
        near = await _of_level(connection, tables, model, vector, filters, level, depth, by_graph=level in with_graph)
        found |= near
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0]))[:depth])


async def build(connection: Any, tables: Tables, model: VectorModel) -> bool:
    """Make the indices that pay: of the words, and of the vectors of each level that has many.

    Writers go on meanwhile, and of several processes one builds. What a killed builder left is made anew.

    Returns:
        Whether a graph was built.
    """
    if not await connection.fetchval("SELECT pg_try_advisory_lock($1)", tables.building_lock):
        return False
    try:
        before = await indexed(connection, tables)
        await connection.execute(f"SET maintenance_work_mem = '{_BUILD_MEMORY}'")
        for name, definition in await _wanted(connection, tables, model):
            await _create(connection, name, definition)
        await connection.execute(f"ANALYZE {tables.records}")
        return await indexed(connection, tables) != before
    finally:
        await connection.execute("SELECT pg_advisory_unlock($1)", tables.building_lock)


async def _wanted(connection: Any, tables: Tables, model: VectorModel) -> list[tuple[str, str]]:
    """Return the name and the definition of the indices that pay."""
    counts = await connection.fetch(f"SELECT level, count(*) AS rows FROM {tables.records} GROUP BY level")  # noqa: S608
    if sum(row["rows"] for row in counts) < ROWS_WORTH_AN_INDEX:
        return []
    many = [Level(row["level"]) for row in counts if row["rows"] >= ROWS_WORTH_AN_INDEX]
    graph = f"{tables.records} USING hnsw (({_half('vector', model)}) halfvec_ip_ops) {_BUILD}"
    return [
        (tables.words_index, f"{tables.records} USING gin (terms)"),
        *((tables.graph(level), f"{graph} WHERE level = '{level}'") for level in many),
    ]


async def _create(connection: Any, name: str, definition: str) -> None:
    valid = await connection.fetchval("SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass($1)", name)
    if valid is False:
        await connection.execute(f"DROP INDEX CONCURRENTLY {name}")
    if not valid:
        await connection.execute(f"CREATE INDEX CONCURRENTLY {name} ON {definition}")


async def indexed(connection: Any, tables: Tables) -> set[Level]:
    """Return the levels whose vectors have a graph."""
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
        await connection.execute(f"SET LOCAL hnsw.ef_search = {min(MAX_BREADTH, max(BREADTH, depth))}")
        await connection.execute("SET LOCAL hnsw.iterative_scan = relaxed_order")
    rows = await connection.fetch(query, *parameters.values)
    if by_graph and len(rows) < depth:
        return await _of_level(connection, tables, model, vector, filters, level, depth, by_graph=False)
    return {row["id"].hex: row["cosine"] for row in rows}


def _half(value: str, model: VectorModel) -> str:
    return f"({value})::halfvec({model.dimensions})"

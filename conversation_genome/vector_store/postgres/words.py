"""BM25 in SQL, equal to the exact store's: rare words choose the candidates, all words score them.

A record that holds none of the rarer words of a query can only win if what the commoner ones can bring at most is more than what
the last of the best has already (MaxScore: Turtle and Flood, Information Processing & Management 31(6), 1995).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from conversation_genome.vector_store.exact import BM25_B, BM25_K1, idf
from conversation_genome.vector_store.postgres.filters import Parameters
from conversation_genome.vector_store.postgres.rows import term_key
from conversation_genome.vector_store.postgres.schema import Tables

CANDIDATES: Final = 5_000
"""Records that are scored at first; common words alone may ask for all that have them."""


@dataclass(frozen=True, slots=True)
class Words:
    """The terms of a query that occur in the store, rarest first, and how much each counts."""

    terms: tuple[int, ...]
    rarity: tuple[float, ...]
    holding: tuple[int, ...]
    mean_length: float

    def rarest(self) -> int:
        """Return how many of the terms, from the first on, choose the candidates at first."""
        total, count = 0, 0
        for holding in self.holding:
            total += holding
            if count and total > CANDIDATES:
                break
            count += 1
        return count

    def needed(self, score: float) -> int:
        """Return how many of the terms, from the first on, a record must have one of to reach this score."""
        counts = range(1, len(self.terms))
        return next((count for count in counts if self._most_beyond(count) < score), len(self.terms))

    def _most_beyond(self, count: int) -> float:
        """Return the score that the terms after the first `count` can bring at most."""
        return sum(self.rarity[count:]) * (BM25_K1 + 1)


async def counted(connection: Any, tables: Tables, terms: Sequence[str]) -> Words:
    """Return what is known of the terms of a query."""
    totals = await connection.fetchrow(
        f"SELECT sum(records)::bigint AS records, sum(length)::bigint AS length FROM {tables.totals}"  # noqa: S608
    )
    rows = await connection.fetch(
        f"SELECT term, sum(records)::bigint AS holding FROM {tables.terms} WHERE term = ANY($1) GROUP BY term "  # noqa: S608
        "HAVING sum(records) > 0 ORDER BY holding, term",
        [term_key(term) for term in terms],
    )
    records = totals["records"] or 0
    return Words(
        terms=tuple(row["term"] for row in rows),
        rarity=tuple(idf(row["holding"], records) for row in rows),
        holding=tuple(row["holding"] for row in rows),
        mean_length=(totals["length"] or 0) / max(1, records) or 1.0,
    )


async def best(
    connection: Any, tables: Tables, words: Words, condition: str, parameters: Parameters, *, depth: int
) -> dict[str, float]:
    """Return the best `depth` records that have a word and pass the condition: their score by id."""
    if not words.terms:
        return {}
    count = words.rarest()
    found = await _scored(connection, tables, words, (condition, parameters), chosen=count, depth=depth)
    last = list(found.values())[depth - 1] if len(found) >= depth else 0.0
    if (needed := words.needed(last)) > count:
        found = await _scored(connection, tables, words, (condition, parameters), chosen=needed, depth=depth)
    return found


async def _scored(
    connection: Any, tables: Tables, words: Words, where: tuple[str, Parameters], *, chosen: int, depth: int
) -> dict[str, float]:
    condition, given = where
    parameters = Parameters(*given.values)
    candidates = parameters.add(list(words.terms[:chosen]))
    norm = parameters.add(BM25_K1 * BM25_B / words.mean_length)
    times, scores = [], []
    for number, (term, rarity) in enumerate(zip(words.terms, words.rarity, strict=True)):
        times.append(f"cardinality(array_positions(terms, {parameters.add(term)}::bigint)) AS times_{number}")
        weight = parameters.add(rarity * (BM25_K1 + 1))
        scores.append(f"{weight}::float8 * times_{number} / (times_{number} + norm)")
    rows = await connection.fetch(
        f"SELECT id, {' + '.join(scores)} AS score FROM ("  # noqa: S608 - our own structure, values are parameters
        f"SELECT id, {', '.join(times)}, {BM25_K1 * (1 - BM25_B)} + {norm}::float8 * cardinality(terms) AS norm "
        f"FROM {tables.records} WHERE terms && {candidates}::bigint[] AND {condition} OFFSET 0) AS candidate "
        f"ORDER BY score DESC, id LIMIT {parameters.add(depth)}",
        *parameters.values,
    )
    return {row["id"].hex: row["score"] for row in rows}

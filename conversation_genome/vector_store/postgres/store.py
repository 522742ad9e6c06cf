"""PostgresVectorStore: the records of one model in PostgreSQL, their vectors indexed by pgvector."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import numpy as np

from conversation_genome.vector_store.base import (
    FloatArray,
    Health,
    Level,
    Match,
    Outline,
    SearchFilter,
    VectorModel,
    VectorRecord,
    Verification,
    check_owner,
    check_records,
    check_vector,
)
from conversation_genome.vector_store.conditions import holds
from conversation_genome.vector_store.health import SAMPLED, TOP, Exam, LastVerification, Sample, warn
from conversation_genome.vector_store.hybrid import MIN_DEPTH, latest, level_by_level, matches, winners
from conversation_genome.vector_store.postgres import rows, schema, vectors, words
from conversation_genome.vector_store.postgres.database import Database
from conversation_genome.vector_store.postgres.filters import Parameters, condition_of, is_exact
from conversation_genome.vector_store.terms import terms
from conversation_genome.vector_store.upkeep import Upkeep

WRITES_BEFORE_REFRESH: Final = 50
DEPTH_GROWTH: Final = 4
OUTLINES_AT_ONCE: Final = 500
_WHOLE: Final = frozenset({Level.CONVERSATION})


class PostgresVectorStore:
    """A VectorStore in PostgreSQL, shared by any number of processes; its writers take turns."""

    def __init__(self, database: Database, model: VectorModel) -> None:
        """Take the store of a model; its tables are made by the first upsert."""
        self._database = database
        self._of = model
        self._tables = schema.Tables(model)
        self._is_made = False
        self._writes = 0
        self._last = LastVerification()
        self._upkeep = Upkeep(self._index_and_measure)

    @property
    def model(self) -> VectorModel | None:
        """The model, once there are its tables."""
        if not self._is_made:
            self._is_made = self._of in self._database.run(schema.every_model)
        return self._of if self._is_made else None

    def upsert(self, records: Sequence[VectorRecord]) -> None:
        """Add or replace records in one transaction."""
        self._write(records, replaced=None)

    def replace(self, conversation_id: str, records: Sequence[VectorRecord]) -> None:
        """Put records in place of a conversation's in one transaction."""
        check_owner(conversation_id, records)
        if records:
            self._write(records, replaced=conversation_id)
        else:
            self.delete(conversation_id)

    def delete(self, conversation_id: str) -> int:
        """Remove a conversation's records."""
        if self.model is None:
            return 0

        async def work(connection: Any) -> int:
            await self._take_turn(connection)
            gone = await self._remove(connection, "conversation_id = $1", rows.stored(conversation_id))
            await self._count(connection, [], gone)
            return len(gone)

        return self._database.run(work)

    def search(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        filters: SearchFilter | None = None,
        limit: int = 10,
        has_texts: bool = True,
    ) -> list[Match]:
        """Return the matches, best first."""
        if self.model is None:
            return []
        if vector is not None:
            check_vector(vector, self._of)
        asked, wanted = sorted(set(terms(text))), filters or SearchFilter()
        depth = max(limit, MIN_DEPTH)

        async def work(connection: Any) -> list[Match]:
            near = None if vector is None else await self._nearest(connection, vector, wanted, depth)
            wordy = await self._by_words(connection, asked, wanted, depth) if asked else None
            won = winners(near, wordy, limit=limit)
            records = await self._read(connection, [each.id for each in won], has_texts=has_texts)
            return matches(won, records, vector=vector)

        return self._database.run(work)

    def search_levels(
        self,
        vector: FloatArray | None,
        text: str = "",
        *,
        limits: Mapping[frozenset[Level], int],
        filters: SearchFilter | None = None,
    ) -> list[Match]:
        """Return the matches of each group of levels."""
        return level_by_level(self, vector, text, limits=limits, filters=filters)

    def texts(self, ids: Sequence[str]) -> dict[str, str]:
        """Return the texts of records."""
        if self.model is None:
            return {}
        query = f"SELECT id, text FROM {self._tables.records} WHERE id = ANY($1)"  # noqa: S608
        keys = [UUID(hex=each) for each in ids]

        async def work(connection: Any) -> dict[str, str]:
            return {row["id"].hex: row["text"] for row in await connection.fetch(query, keys)}

        return self._database.run(work)

    def count(self, filters: SearchFilter | None = None) -> int:
        """Return the number of records."""
        if self.model is None:
            return 0
        wanted, parameters = filters or SearchFilter(), Parameters()
        condition = self._condition(wanted, parameters)

        async def work(connection: Any) -> int:
            if is_exact(wanted):
                query = f"SELECT count(*) FROM {self._tables.records} WHERE {condition}"  # noqa: S608
                return int(await connection.fetchval(query, *parameters.values))
            query = f"SELECT id FROM {self._tables.records} WHERE {condition}"  # noqa: S608
            found = [row["id"].hex for row in await connection.fetch(query, *parameters.values)]
            return len(await self._sifted(connection, found, wanted))

        return self._database.run(work)

    def records_of(self, conversation_id: str, levels: frozenset[Level] = frozenset()) -> list[VectorRecord]:
        """Return what is kept of a conversation."""
        if self.model is None:
            return []
        parameters = Parameters()
        wanted = SearchFilter(conversation_ids=frozenset({conversation_id}), levels=levels)
        condition = self._condition(wanted, parameters)
        query = f"SELECT {', '.join(rows.READ)} FROM {self._tables.records} WHERE {condition} ORDER BY level, part"  # noqa: S608

        async def work(connection: Any) -> list[VectorRecord]:
            return [rows.read(row, self._of) for row in await connection.fetch(query, *parameters.values)]

        return self._database.run(work)

    def outlines(
        self, filters: SearchFilter | None = None, *, after: Outline | None = None, limit: int | None = None
    ) -> list[Outline]:
        """Return the conversations in order of their place."""
        if self.model is None:
            return []
        whole = replace(filters or SearchFilter(), levels=_WHOLE)

        async def work(connection: Any) -> list[Outline]:
            found: list[Outline] = []
            place, asked = after, limit if is_exact(whole) else OUTLINES_AT_ONCE
            while True:
                page = await self._page(connection, whole, place, asked)
                found += [outline for outline, passes in page if passes]
                if asked is None or len(page) < asked or (limit is not None and len(found) >= limit):
                    return found[:limit]
                place = page[-1][0]

        return self._database.run(work)

    def version(self) -> str:
        """Return how many writes were committed."""
        if self.model is None:
            return ""
        query = f"SELECT sum(writes) FROM {self._tables.totals}"  # noqa: S608

        async def work(connection: Any) -> str:
            return str(await connection.fetchval(query) or 0)

        return self._database.run(work)

    def refresh(self) -> None:
        """Add up the word statistics and build the indices that pay by now."""
        if self.model is None:
            return
        self._writes = 0
        self._database.run(self._consolidate)
        self._upkeep.finish()

    def _index_and_measure(self) -> None:
        if self._database.run(lambda connection: vectors.build(connection, self._tables, self._of), in_one=False):
            warn(self.verify(), self._database.place)

    def verify(self) -> Health:
        """Return what pgvector's graphs find."""
        records = self.count()
        if not records or not self._database.run(lambda connection: vectors.indexed(connection, self._tables)):
            return Health(records=records, recall=None, filtered_recall=None)
        sample = self._database.run(self._sample)
        found, expected = partial(self._cosines, is_exact=False), partial(self._cosines, is_exact=True)
        return self._last.keep(Exam(records, sample, expected).health(found))

    def verified(self) -> Verification | None:
        """Return what came of the newest `verify` of this process."""
        return self._last.newest()

    async def _sample(self, connection: Any) -> Sample:
        found = await connection.fetch(
            f"SELECT source, vector FROM {self._tables.records} ORDER BY md5(id::text) LIMIT {SAMPLED}"  # noqa: S608
        )
        return Sample(np.stack([row["vector"] for row in found]), [row["source"] for row in found])

    def _cosines(self, vector: FloatArray, filters: SearchFilter | None, *, is_exact: bool) -> list[float]:
        async def work(connection: Any) -> list[float]:
            wanted = filters or SearchFilter()
            near = await vectors.nearest(
                connection, self._tables, self._of, vector, wanted, depth=MIN_DEPTH, may_use_graphs=not is_exact
            )
            return list(near.values())[:TOP]

        return self._database.run(work)

    async def _consolidate(self, connection: Any) -> None:
        await self._take_turn(connection)
        await schema.consolidate(connection, self._tables)

    def _write(self, records: Sequence[VectorRecord], *, replaced: str | None) -> None:
        if not records:
            return
        check_records(records, self._of)
        kept = list(latest(records).values())
        values = [rows.written(record) for record in kept]

        async def work(connection: Any) -> None:
            if not self._is_made:
                await schema.create(connection, self._of)
            await self._take_turn(connection)
            where, given = ("id = ANY($1)", [each[0] for each in values])
            gone = await self._remove(connection, where, given)
            if replaced is not None:
                gone += await self._remove(connection, "conversation_id = $1", rows.stored(replaced))
            await connection.copy_records_to_table(self._tables.records, records=values, columns=rows.WRITTEN)
            await self._count(connection, [each[-1] for each in values], gone)

        self._database.run(work)
        self._is_made = True
        self._writes += 1
        if self._writes >= WRITES_BEFORE_REFRESH:
            self._writes = 0
            self._database.run(self._consolidate)
            self._upkeep.start()

    async def _take_turn(self, connection: Any) -> None:
        """Wait for the other writers: what they remove and what they count must fit."""
        await connection.execute("SELECT pg_advisory_xact_lock($1)", self._tables.lock)

    async def _remove(self, connection: Any, where: str, value: Any) -> list[Sequence[int]]:
        """Remove records; returns the terms of each."""
        query = f"DELETE FROM {self._tables.records} WHERE {where} RETURNING terms"  # noqa: S608
        return [row["terms"] for row in await connection.fetch(query, value)]

    async def _count(self, connection: Any, added: Sequence[Sequence[int]], gone: Sequence[Sequence[int]]) -> None:
        """Write down what a transaction has changed of the word statistics."""
        changed: Counter[int] = Counter(term for terms_ in added for term in set(terms_))
        changed.subtract(term for terms_ in gone for term in set(terms_))
        await connection.copy_records_to_table(
            self._tables.terms, records=[item for item in changed.items() if item[1]], columns=("term", "records")
        )
        length = sum(map(len, added)) - sum(map(len, gone))
        query = f"INSERT INTO {self._tables.totals} VALUES ($1, $2, 1)"  # noqa: S608
        await connection.execute(query, len(added) - len(gone), length)

    def _condition(self, filters: SearchFilter, parameters: Parameters) -> str:
        levels = [str(level) for level in filters.levels or Level]
        return f"level = ANY({parameters.add(levels)}::text[]) AND {condition_of(filters, parameters)}"

    async def _nearest(
        self, connection: Any, vector: FloatArray, filters: SearchFilter, depth: int
    ) -> dict[str, float]:
        asked = depth
        while True:
            found = await vectors.nearest(connection, self._tables, self._of, vector, filters, depth=asked)
            passing = await self._sifted(connection, found, filters)
            if len(passing) >= depth or len(found) < asked:
                return dict(list(passing.items())[:depth])
            asked *= DEPTH_GROWTH

    async def _by_words(
        self, connection: Any, asked: Sequence[str], filters: SearchFilter, depth: int
    ) -> dict[str, float]:
        known = await words.counted(connection, self._tables, asked)
        parameters = Parameters()
        condition = self._condition(filters, parameters)
        count = depth
        while True:
            found = await words.best(connection, self._tables, known, condition, parameters, depth=count)
            passing = await self._sifted(connection, found, filters)
            if len(passing) >= depth or len(found) < count:
                return dict(list(passing.items())[:depth])
            count *= DEPTH_GROWTH

    async def _sifted(self, connection: Any, found: Any, filters: SearchFilter) -> Any:
        """Return what passes of `found`, in its order, where the indices could not tell."""
        where = filters.where
        if where is None or is_exact(filters):
            return found
        records = await self._read(connection, list(found))
        kept = [key for key in found if key in records and holds(where, records[key])]
        return {key: found[key] for key in kept} if isinstance(found, Mapping) else kept

    async def _read(self, connection: Any, ids: Sequence[str], *, has_texts: bool = True) -> dict[str, VectorRecord]:
        columns = [name if has_texts or name != "text" else "'' AS text" for name in rows.READ]
        query = f"SELECT {', '.join(columns)} FROM {self._tables.records} WHERE id = ANY($1)"  # noqa: S608
        found = await connection.fetch(query, [UUID(hex=each) for each in ids])
        return {row["id"].hex: rows.read(row, self._of) for row in found}

    async def _page(
        self, connection: Any, filters: SearchFilter, after: Outline | None, limit: int | None
    ) -> list[tuple[Outline, bool]]:
        """Return the next outlines, and whether each passes."""
        parameters = Parameters()
        condition = self._condition(filters, parameters)
        if after is not None:
            condition += f" AND {_comes_after(after, parameters)}"
        query = (
            f"SELECT {', '.join(rows.READ)} FROM {self._tables.records} WHERE {condition} "  # noqa: S608
            f"ORDER BY level, (started_at IS NULL), started_at DESC, conversation_id LIMIT {parameters.add(limit)}"
        )
        found = await connection.fetch(query, *parameters.values)
        if is_exact(filters):
            return [(rows.read_outline(row), True) for row in found]
        where = filters.where
        return [(rows.read_outline(row), where is None or holds(where, rows.read(row, self._of))) for row in found]


def _comes_after(outline: Outline, parameters: Parameters) -> str:
    key = parameters.add(outline.conversation_id)
    if outline.started_at is None:
        return f"(started_at IS NULL AND conversation_id > {key})"
    moment = f"{parameters.add(outline.started_at)}::timestamptz"
    return f"(started_at IS NULL OR started_at < {moment} OR (started_at = {moment} AND conversation_id > {key}))"

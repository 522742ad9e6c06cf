"""Rows of many conversations, in any order, put together by conversation on disk: memory for one row."""

import sqlite3
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import groupby
from types import TracebackType
from typing import Final, Self

from conversation_genome.sources.turns import Said

_TABLES: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -16000;
CREATE TABLE talk (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE);
CREATE TABLE said (
    talk INTEGER, row INTEGER, speaker TEXT, text TEXT, moment REAL, line INTEGER, id TEXT,
    PRIMARY KEY (talk, row)
) WITHOUT ROWID;
"""
_COUNT: Final = "SELECT count(*) FROM (SELECT talk FROM said GROUP BY talk HAVING count(DISTINCT id) >= ?)"
_ROWS: Final = """
SELECT talk.number, talk.key, said.speaker, said.text, said.moment, said.line, said.id
FROM said JOIN talk ON talk.number = said.talk
WHERE said.talk IN (SELECT talk FROM said GROUP BY talk HAVING count(DISTINCT id) >= ?)
ORDER BY said.talk, said.row
"""
_BATCH_ROWS: Final = 1_000


class Groups:
    """Groups of rows by a key, in the order in which the keys appeared."""

    def __enter__(self) -> Self:
        self._database = sqlite3.connect(
            "", isolation_level=None
        )  # a file without a name, which no death leaves behind
        self._database.executescript(_TABLES)
        self._database.execute("BEGIN")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._database.close()

    def fill(self, rows: Iterable[tuple[str, Said]]) -> None:
        """Take (key, row) pairs in."""
        last, number = None, 0
        batch: list[tuple[object, ...]] = []
        for count, (key, said) in enumerate(rows):
            if key != last:
                last, number = key, self._number(_storable(key))
            moment = None if said.moment is None else said.moment.timestamp()
            batch.append((number, count, _storable(said.speaker), _storable(said.text), moment, said.line, said.id))
            if len(batch) >= _BATCH_ROWS:
                self._insert(batch)
                batch = []
        self._insert(batch)

    def count(self, *, at_least: int = 1) -> int:
        """Return how many groups have so many rows of different ids, or any row for 1."""
        return int(self._database.execute(_COUNT, (at_least,)).fetchone()[0])

    def groups(self, *, at_least: int = 1) -> Iterator[tuple[str, Iterator[Said]]]:
        """Yield (key, its rows in order) of groups of so many; the rows must be read before the next key is."""
        cursor = self._database.execute(_ROWS, (at_least,))
        for (_number, key), rows in groupby(cursor, key=lambda row: (row[0], str(row[1]))):
            yield key, (Said(row[2], row[3], _moment(row[4]), row[5], row[6]) for row in rows)

    def _number(self, key: str) -> int:
        self._database.execute("INSERT OR IGNORE INTO talk (key) VALUES (?)", (key,))
        return int(self._database.execute("SELECT number FROM talk WHERE key = ?", (key,)).fetchone()[0])

    def _insert(self, batch: list[tuple[object, ...]]) -> None:
        self._database.executemany("INSERT INTO said VALUES (?, ?, ?, ?, ?, ?, ?)", batch)


def _storable(text: str) -> str:
    """Return the text without halves of surrogate pairs, which JSON can hold and UTF-8 cannot."""
    return text.encode("utf-8", "ignore").decode()


def _moment(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)

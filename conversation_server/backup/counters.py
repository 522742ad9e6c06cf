"""Counters: the last number that a table gave out, so that no number is given twice even after a restore."""

from sqlalchemy import Connection, Integer, Table, text


def counter_of(connection: Connection, table: Table) -> int | None:
    """Return the last number that a table gave out, 0 for none yet; None where the table gives no numbers."""
    if connection.dialect.name == "postgresql":
        sequence = _sequence(connection, table)
        return None if sequence is None else _last_of(connection, sequence)
    if not _gives_numbers(table) or not _has_counters(connection):
        return None
    statement = text("SELECT seq FROM sqlite_sequence WHERE name = :name")
    return int(connection.execute(statement, {"name": table.name}).scalar() or 0)


def set_counter(connection: Connection, table: Table, counter: int) -> None:
    """Let a table go on counting after a number."""
    if not counter:
        return
    if connection.dialect.name == "postgresql":
        sequence = _sequence(connection, table)
        connection.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": counter})
        return
    values = {"name": table.name, "last": counter}
    connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
    connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)


def _gives_numbers(table: Table) -> bool:
    """Return whether the table counts its rows up: those that do have a column `seq`."""
    key = list(table.primary_key.columns)
    return len(key) == 1 and key[0].name == "seq" and isinstance(key[0].type, Integer)


def _has_counters(connection: Connection) -> bool:
    found = connection.execute(text("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"))
    return found.scalar() is not None


def _sequence(connection: Connection, table: Table) -> str | None:
    if not _gives_numbers(table):
        return None
    statement = text("SELECT pg_get_serial_sequence(:table, 'seq')")
    found: str | None = connection.execute(statement, {"table": table.name}).scalar()
    return found


def _last_of(connection: Connection, sequence: str) -> int:
    last, is_called = connection.execute(text(f"SELECT last_value, is_called FROM {sequence}")).one()  # noqa: S608 - a name that the database gave
    return int(last) if is_called else 0

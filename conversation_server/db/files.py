"""The file of a SQLite database, which must still be there: what is open can be written to after it was removed.

A receipt for what went into a file that nobody will find again would promise too much.
"""

from pathlib import Path

from conversation_server.db.outages import DatabaseAwayError


class DatabaseFile:
    """Knows the file that was opened first."""

    def __init__(self, path: Path | None) -> None:
        """Keep the path; None for a database that lies in no file."""
        self._path = path
        self._opened: tuple[int, int] | None = None

    @property
    def path(self) -> Path | None:
        """Where it lies; None for a database that lies in no file."""
        return self._path

    def check(self) -> None:
        """Pass if the file is the one that was opened, or was not opened yet.

        Raises:
            DatabaseAwayError: If it is gone, or another one lies in its place.
        """
        if self._path is None:
            return
        try:
            found = self._path.stat()
        except FileNotFoundError:
            found = None
        if found is None and self._opened is not None:
            raise DatabaseAwayError("the database's file is gone; put it back, or start the server anew")
        if found is None:
            return
        identity = (found.st_dev, found.st_ino)
        if self._opened is not None and identity != self._opened:
            raise DatabaseAwayError(
                "another file lies in the place of the database; put the first one back, or start the server anew"
            )
        self._opened = identity

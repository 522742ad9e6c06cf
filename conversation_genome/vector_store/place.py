"""Place: where a LanceDB store lies, in a folder of this machine or in a bucket."""

from pathlib import Path
from typing import Any, Final

BUCKET_SCHEMES: Final = ("s3://",)
_TABLES_AT_ONCE: Final = 10_000


class Place:
    """A folder, or the address of a bucket and a path in it."""

    def __init__(self, place: Path | str) -> None:
        self.shown: Final = str(place)
        self.folder: Final = None if is_bucket(place) else Path(place)

    def holds(self, database: Any, table: str) -> bool:
        """Tell whether there is a table."""
        if self.folder is not None:
            return (self.folder / f"{table}.lance").is_dir()
        return table in self.tables(database)

    def tables(self, database: Any) -> list[str]:
        """Return the names of the tables."""
        if self.folder is not None:
            return [path.stem for path in self.folder.glob("*.lance")]
        return list(database.list_tables(limit=_TABLES_AT_ONCE).tables)


def is_bucket(place: Path | str) -> bool:
    """Tell whether a place is the address of a bucket."""
    return isinstance(place, str) and place.startswith(BUCKET_SCHEMES)

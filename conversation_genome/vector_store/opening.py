"""Which store a place is: a folder, a bucket or a database, by how it is written."""

from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from conversation_genome.vector_store.base import VectorModel
from conversation_genome.vector_store.by_model import LanceVectorStores, VectorStores
from conversation_genome.vector_store.place import BUCKET_SCHEMES
from conversation_genome.vector_store.postgres.stores import PostgresVectorStores

DATABASE_SCHEMES: Final = ("postgresql://", "postgresql+", "postgres://")


def open_stores(place: Path | str, *, main: VectorModel, must_exist: bool = False) -> VectorStores:
    """Return the stores of a place.

    Args:
        place: A folder, `s3://bucket/path`, or `postgresql://user:password@host/database`.
        main: The model whose store comes first.
        must_exist: Refuse a place that holds no store.

    Raises:
        NotFoundError: If `must_exist` and there is none.
        VectorStoreError: If the place cannot be used.
    """
    if isinstance(place, str) and place.startswith(DATABASE_SCHEMES):
        return PostgresVectorStores(place, main=main, must_exist=must_exist)
    if isinstance(place, str) and not place.startswith(BUCKET_SCHEMES):
        place = Path(place)
    return LanceVectorStores(place, main=main, must_exist=must_exist)


def is_folder(place: Path | str) -> bool:
    """Tell whether a place is a folder of this machine."""
    return isinstance(place, Path) or not place.startswith((*BUCKET_SCHEMES, *DATABASE_SCHEMES))


def shown(place: Path | str) -> str:
    """Return a place as it may be told: without user and password."""
    if is_folder(place):
        return str(place)
    parts = urlsplit(str(place))
    return f"{parts.scheme}://{parts.hostname or ''}{parts.path}"

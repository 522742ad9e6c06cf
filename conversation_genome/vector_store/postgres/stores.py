"""PostgresVectorStores: one store a model, in one database."""

import threading

from conversation_genome.errors import NotFoundError
from conversation_genome.vector_store.base import VectorModel, VectorStore
from conversation_genome.vector_store.postgres import schema
from conversation_genome.vector_store.postgres.database import Database
from conversation_genome.vector_store.postgres.store import PostgresVectorStore


class PostgresVectorStores:
    """The tables of each model, in one database, over one pool of connections."""

    def __init__(self, url: str, *, main: VectorModel, must_exist: bool = False) -> None:
        """Take a database; it is connected by the first use.

        Args:
            url: `postgresql://user:password@host/database`.
            main: The model whose store comes first.
            must_exist: Refuse a database that holds no store.

        Raises:
            NotFoundError: If `must_exist` and there is none.
            VectorStoreError: If `must_exist` and the database cannot be used.
        """
        self._database = Database(url)
        self._main = main
        self._stores: dict[VectorModel, PostgresVectorStore] = {}
        self._lock = threading.Lock()
        if must_exist and not self._database.run(schema.every_model):
            place = self._database.place
            self.close()
            raise NotFoundError(f"the database {place} holds no vector store; give the one that the server writes to")

    def of(self, model: VectorModel) -> VectorStore:
        """Return the store of a model."""
        with self._lock:
            if model not in self._stores:
                self._stores[model] = PostgresVectorStore(self._database, model)
            return self._stores[model]

    def every(self) -> list[VectorStore]:
        """Return the stores that have a model, that of the main one first."""
        models = self._database.run(schema.every_model)
        return [self.of(model) for model in sorted(models, key=lambda model: (model != self._main, model))]

    def close(self) -> None:
        """Close the connections."""
        self._database.close()

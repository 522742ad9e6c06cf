"""PostgreSQL with pgvector keeps the contract, between processes and when a writer is killed."""

import unittest

from conversation_genome.vector_store.postgres.database import Database
from conversation_genome.vector_store.postgres.store import PostgresVectorStore
from tests_ap.postgres import drop_database, new_database
from tests_ap.unit.vector_store.contract import MODEL, VectorStoreContract


class PostgresVectorStoreTest(VectorStoreContract, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.url = new_database()
        cls.addClassCleanup(drop_database, cls.url)
        cls.database = Database(cls.url)
        cls.addClassCleanup(cls.database.close)

    def setUp(self):
        self.database.run(_emptied)
        self.store = PostgresVectorStore(self.database, MODEL)


async def _emptied(connection):
    for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE tablename LIKE 'cgp_vector%'"):
        await connection.execute(f"DROP TABLE {row['tablename']}")

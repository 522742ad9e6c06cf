"""PostgreSQL with pgvector as a VectorStore: for sites that run a PostgreSQL anyway."""

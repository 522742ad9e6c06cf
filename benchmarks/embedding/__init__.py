"""How fast the default embedder is beside plain sentence-transformers, and whether it means the same."""

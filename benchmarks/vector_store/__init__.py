"""The vector store beside other engines, and beside its own by hand."""

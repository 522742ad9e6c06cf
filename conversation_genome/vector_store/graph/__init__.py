"""A graph of the nearest vectors beside a LanceDB table: found among a million in under a millisecond, rows stay in the table."""

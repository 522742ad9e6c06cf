"""A whole economy on the functions that validators and the ledger use: who earns what, and what cheating gains."""

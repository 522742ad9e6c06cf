"""Tests of the chain: one contract for every Chain, and what the local ledger adds."""

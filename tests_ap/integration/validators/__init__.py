"""Tests of a validator as a process of its own, against a real server, ledger and miners."""

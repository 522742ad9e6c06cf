"""Tests of a real miner process."""

"""Tests of the miner without other processes."""

"""Benchmarks of what reads a conversation."""

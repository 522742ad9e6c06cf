"""Tests that start what is in deploy/, where an engine is there to start it."""

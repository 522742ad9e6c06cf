"""Tests of what is in deploy/: files that other programs read."""

"""Tests of the room: merging."""

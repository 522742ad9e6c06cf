"""Tests of the conversation server inside one process."""

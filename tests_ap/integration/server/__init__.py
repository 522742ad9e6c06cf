"""Tests of the conversation server as a process of its own."""

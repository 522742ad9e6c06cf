"""Tests of whole commands, as a user runs them."""

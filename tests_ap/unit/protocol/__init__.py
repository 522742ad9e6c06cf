"""Tests of signing and of what every process needs."""

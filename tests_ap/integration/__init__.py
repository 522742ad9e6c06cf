"""Tests of several parts together, over loopback."""

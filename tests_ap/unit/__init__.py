"""Tests of one room at a time, without other processes."""

"""Tests of the room `windowing`."""

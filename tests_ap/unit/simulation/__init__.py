"""Tests of the simulated economy."""

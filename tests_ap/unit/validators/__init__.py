"""Tests of the validator's parts."""

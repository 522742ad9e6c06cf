"""Tests of the local subnet's parts, without a whole subnet."""

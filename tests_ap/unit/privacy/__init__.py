"""Tests of personal data: finding and masking it."""

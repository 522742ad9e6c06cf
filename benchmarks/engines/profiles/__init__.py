"""Profiles measured against what people wrote of themselves."""

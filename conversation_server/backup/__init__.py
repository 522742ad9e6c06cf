"""Backup: the whole database as one file, which either database takes back."""

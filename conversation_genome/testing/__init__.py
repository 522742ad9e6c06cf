"""Doubles that ship: what a test or an offline trial uses in place of a model, a chain or a clock."""

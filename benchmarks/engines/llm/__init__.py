"""Measured: the engine that asks a language model."""

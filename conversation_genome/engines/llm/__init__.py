"""The engine that asks a language model, and what keeps its answers to what was said."""

"""The conversation server, measured beside the reference design of the original."""

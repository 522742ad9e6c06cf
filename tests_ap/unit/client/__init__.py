"""The client of the conversation server, and what it and the validator exchange HTTP with."""

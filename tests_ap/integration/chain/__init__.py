"""The real SDK, and the adapter over it, against the development node."""

"""Text to unit vectors: one Protocol, several backends; vectors of different models never meet."""

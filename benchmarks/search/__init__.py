"""How well and how fast conversations are found."""

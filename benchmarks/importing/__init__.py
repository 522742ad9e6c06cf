"""How much memory and time it takes to read large files of every kind."""

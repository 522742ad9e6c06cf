"""Where vectors and words are kept and found: one Protocol, LanceDB in a folder, and an exact oracle in memory."""

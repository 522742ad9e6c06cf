"""How long a newcomer waits, and where the processor time of the loop goes."""

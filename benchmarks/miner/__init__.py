"""A miner that is asked more than it can read."""

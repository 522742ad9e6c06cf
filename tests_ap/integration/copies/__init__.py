"""A conversation through validator and server, with a miner that copies."""

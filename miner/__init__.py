"""The miner: a signed HTTP service that reads conversation windows and answers with tags, profiles and vectors."""

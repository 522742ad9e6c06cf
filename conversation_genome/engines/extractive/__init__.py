"""The extractive engine: tags that the talk itself holds, ranked by meaning; offline, no key."""

"""Configuration: every setting with its value and origin, and every fault at once, before a role is started."""

"""A whole subnet on this machine: starts every role as a process of its own, watches it, shows what came out."""

"""Pre-flight: what must hold before a role starts on a network, every fault at once and each with its remedy.

The configuration's own checks look at values and files; these look at the chain, the clock and the network, too.
"""

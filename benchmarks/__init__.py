"""Measured comparisons: one command each, the rival in the same run, figures in `benchmarks/README.md`."""

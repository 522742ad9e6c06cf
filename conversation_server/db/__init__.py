"""What is stored, and how it is asked for: the only place that knows SQL."""

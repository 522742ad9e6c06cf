"""Where conversations come from: one streaming reader a format, each yielding the uniform record."""

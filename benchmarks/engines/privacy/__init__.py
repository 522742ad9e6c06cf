"""Personal data found, measured on invented people."""

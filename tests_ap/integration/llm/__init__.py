"""A real language model behind a real server: what no recorded answer can show."""

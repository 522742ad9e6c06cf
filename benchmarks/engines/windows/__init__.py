"""Where conversations are cut, beside people's marks: topic boundaries and threads."""

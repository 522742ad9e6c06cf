"""What travels between the roles: versioned messages, and the signature that each request carries."""

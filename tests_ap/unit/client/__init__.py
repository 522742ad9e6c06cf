"""What the clients do with whatever comes back."""

"""What a role takes of a machine."""

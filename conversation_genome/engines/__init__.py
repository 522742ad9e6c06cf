"""What reads a conversation: used by miners for their answers and by validators for the ground truth."""

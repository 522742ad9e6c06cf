"""Search over what was merged: meaning and words together, one hit a conversation, and why it was found."""

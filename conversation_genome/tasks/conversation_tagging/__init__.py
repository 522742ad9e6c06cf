"""Conversation tagging: tags and profiles of a window, graded against the whole conversation."""

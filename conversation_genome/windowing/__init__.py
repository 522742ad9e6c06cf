"""Windowing: where a conversation is cut. Pure: equal content and settings, equal windows."""

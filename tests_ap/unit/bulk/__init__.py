"""Tests of the room: bulk, each part by itself."""

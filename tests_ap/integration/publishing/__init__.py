"""Tests of the room: publishing, against loopback doubles of a hub and of a Realtime Database."""

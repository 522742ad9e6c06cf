"""Tests of the room: bulk, whole runs on real conversations, killed, over Ray and on S3."""

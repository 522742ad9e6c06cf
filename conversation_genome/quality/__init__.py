"""The Boring Index: how good a talk is to read, in five dimensions."""

"""The Boring Index: how good a talk is to read, in five dimensions."""

from conversation_genome.quality.assessment import assess
from conversation_genome.quality.base import Quality

__all__ = ["Quality", "assess"]

"""The Boring Index: how good a talk is to read, in five dimensions."""

from conversation_genome.quality.assessment import assess
from conversation_genome.quality.base import Dimensions, Quality
from conversation_genome.quality.gate import refusal_of
from conversation_genome.quality.judge import Judge, LlmJudge

__all__ = ["Dimensions", "Judge", "LlmJudge", "Quality", "assess", "refusal_of"]

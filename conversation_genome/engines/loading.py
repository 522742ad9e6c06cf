"""The one call that gives a role its engine."""

from collections.abc import Callable
from typing import Final

from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.agreement import AgreementEngine
from conversation_genome.engines.base import Engine
from conversation_genome.engines.extractive.engine import DEEP, LIGHT, ExtractiveEngine
from conversation_genome.errors import InputError

_ENGINES: Final[dict[str, Callable[[Embedder], Engine]]] = {
    "extractive": lambda embedder: ExtractiveEngine(embedder, DEEP),
    "extractive-light": lambda embedder: ExtractiveEngine(embedder, LIGHT),
    "agreement": lambda embedder: AgreementEngine(
        (ExtractiveEngine(embedder, DEEP), ExtractiveEngine(embedder, LIGHT)), embedder
    ),
}


def load_engine(name: str, embedder: Embedder) -> Engine:
    """Return the engine of that name.

    Raises:
        InputError: If there is none; the message lists the known ones.
    """
    if name not in _ENGINES:
        raise InputError(f"there is no engine {name!r}; known are: {', '.join(sorted(_ENGINES))}")
    return _ENGINES[name](embedder)

"""The one call that gives a role its engine."""

from collections.abc import Callable
from typing import Final

from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.agreement import AgreementEngine
from conversation_genome.engines.base import Engine
from conversation_genome.engines.extractive.engine import DEEP, LIGHT, REMEMBERED, ExtractiveEngine
from conversation_genome.engines.extractive.reading import Reading
from conversation_genome.engines.extractive.recent import Recent
from conversation_genome.errors import InputError


def _agreement(embedder: Embedder) -> Engine:
    readings: Recent[Reading] = Recent(REMEMBERED)
    both = tuple(ExtractiveEngine(embedder, depth, readings=readings) for depth in (DEEP, LIGHT))
    return AgreementEngine(both, embedder)


_ENGINES: Final[dict[str, Callable[[Embedder], Engine]]] = {
    "extractive": lambda embedder: ExtractiveEngine(embedder, DEEP),
    "extractive-light": lambda embedder: ExtractiveEngine(embedder, LIGHT),
    "agreement": _agreement,
}


def load_engine(name: str, embedder: Embedder) -> Engine:
    """Return the engine of that name.

    Raises:
        InputError: If there is none; the message lists the known ones.
    """
    if name not in _ENGINES:
        raise InputError(f"there is no engine {name!r}; known are: {', '.join(sorted(_ENGINES))}")
    return _ENGINES[name](embedder)

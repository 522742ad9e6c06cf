"""The one call that gives a role its engine."""

from collections.abc import Callable
from typing import Final

from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.agreement import AgreementEngine
from conversation_genome.engines.base import Engine
from conversation_genome.engines.discreet import DiscreetEngine
from conversation_genome.engines.extractive.engine import DEEP, LIGHT, REMEMBERED, ExtractiveEngine
from conversation_genome.engines.extractive.reading import Reading
from conversation_genome.engines.extractive.recent import Recent
from conversation_genome.engines.extractive.topics import TopicTables
from conversation_genome.errors import InputError
from conversation_genome.llm_settings import LlmSettings, ProviderName
from conversation_genome.settings import RoleSettings

_Make = Callable[[Embedder, LlmSettings], Engine]


def load_engine(name: str, embedder: Embedder, settings: LlmSettings | None = None) -> Engine:
    """Return the engine of that name; it leaves numbers, addresses and, unless a role's settings ask for them, sensitive traits out.

    Args:
        name: See the settings CGP_MINER_ENGINE and CGP_VALIDATOR_ENGINE.
        embedder: What makes the vectors.
        settings: Which language model is asked; the defaults, without a key, if None. A role's settings also
            say whether sensitive traits are kept (CGP_PROFILES_SENSITIVE).

    Raises:
        InputError: If there is none; the message lists the known ones.
        LlmKeyMissingError: If it asks a language model and there is no key.
    """
    if name not in _ENGINES:
        raise InputError(f"there is no engine {name!r}; known are: {', '.join(sorted(_ENGINES))}")
    engine = _ENGINES[name](embedder, settings or LlmSettings())
    keeps_sensitive = isinstance(settings, RoleSettings) and settings.profiles_sensitive
    return DiscreetEngine(engine, keeps_sensitive=keeps_sensitive)


def _extractive(embedder: Embedder, settings: LlmSettings) -> Engine:
    return ExtractiveEngine(embedder, DEEP, vocabulary=vocabulary(settings))


def vocabulary(settings: LlmSettings) -> TopicTables | None:
    """Return the open vocabulary that `cgp setup` prepared; None for settings that name no folder of models."""
    return TopicTables(settings.models_path) if isinstance(settings, RoleSettings) else None


def _agreement(embedder: Embedder, settings: LlmSettings) -> Engine:
    readings: Recent[Reading] = Recent(REMEMBERED)
    deep = ExtractiveEngine(embedder, DEEP, readings=readings, vocabulary=vocabulary(settings))
    return AgreementEngine((deep, ExtractiveEngine(embedder, LIGHT, readings=readings)), embedder)


def _asking(name: ProviderName) -> _Make:
    """Return what makes an engine that asks a language model; its SDK is imported only then."""

    def make(embedder: Embedder, settings: LlmSettings) -> Engine:
        from conversation_genome.engines.llm.loading import load_llm_engine  # noqa: PLC0415 -- see the docstring

        return load_llm_engine(name, embedder, settings, extractive=lambda: _extractive(embedder, settings))

    return make


def _agreement_with(name: ProviderName) -> _Make:
    """Return what makes an agreement of a language model and the extractive engine; spellings are the model's."""

    def make(embedder: Embedder, settings: LlmSettings) -> Engine:
        asking = _asking(name)(embedder, settings)
        return AgreementEngine((asking, _extractive(embedder, settings)), embedder)

    return make


_ENGINES: Final[dict[str, _Make]] = {
    "extractive": _extractive,
    "extractive-light": lambda embedder, _: ExtractiveEngine(embedder, LIGHT),
    "agreement": _agreement,
    "openai": _asking("openai"),
    "anthropic": _asking("anthropic"),
    "agreement-openai": _agreement_with("openai"),
    "agreement-anthropic": _agreement_with("anthropic"),
}

"""The one call that gives a role its engine."""

from collections.abc import Callable
from typing import Final, NamedTuple

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


class _Given(NamedTuple):
    """What an engine is made of."""

    embedder: Embedder
    settings: LlmSettings
    is_gated: bool


_Make = Callable[[_Given], Engine]


def load_engine(
    name: str, embedder: Embedder, settings: LlmSettings | None = None, *, is_gated: bool = False
) -> Engine:
    """Return the engine of that name; it leaves numbers, addresses and, unless a role's settings ask for them, sensitive traits out.

    Args:
        name: See the settings CGP_MINER_ENGINE and CGP_VALIDATOR_ENGINE.
        embedder: What makes the vectors.
        settings: Which language model is asked; the defaults, without a key, if None. A role's settings also
            say whether sensitive traits are kept (CGP_PROFILES_SENSITIVE).
        is_gated: Whether no language model is asked about what is garbled, empty or one-sided: for whole
            conversations that nobody has looked at. The extractive engine reads those.

    Raises:
        InputError: If there is none; the message lists the known ones.
        LlmKeyMissingError: If it asks a language model and there is no key.
    """
    if name not in _ENGINES:
        raise InputError(f"there is no engine {name!r}; known are: {', '.join(sorted(_ENGINES))}")
    engine = _ENGINES[name](_Given(embedder, settings or LlmSettings(), is_gated))
    keeps_sensitive = isinstance(settings, RoleSettings) and settings.profiles_sensitive
    return DiscreetEngine(engine, keeps_sensitive=keeps_sensitive)


def _extractive(given: _Given) -> Engine:
    return ExtractiveEngine(given.embedder, DEEP, vocabulary=vocabulary(given.settings))


def vocabulary(settings: LlmSettings) -> TopicTables | None:
    """Return the open vocabulary that `cgp setup` prepared; None for settings that name no folder of models."""
    return TopicTables(settings.models_path) if isinstance(settings, RoleSettings) else None


def _agreement(given: _Given) -> Engine:
    readings: Recent[Reading] = Recent(REMEMBERED)
    deep = ExtractiveEngine(given.embedder, DEEP, readings=readings, vocabulary=vocabulary(given.settings))
    return AgreementEngine((deep, ExtractiveEngine(given.embedder, LIGHT, readings=readings)), given.embedder)


def _asking(name: ProviderName) -> _Make:
    """Return what makes an engine that asks a language model; its SDK is imported only then."""

    def make(given: _Given) -> Engine:
        from conversation_genome.engines.llm.loading import load_llm_engine  # noqa: PLC0415 -- see the docstring

        return load_llm_engine(
            name, given.embedder, given.settings, extractive=lambda: _extractive(given), is_gated=given.is_gated
        )

    return make


def _agreement_with(name: ProviderName) -> _Make:
    """Return what makes an agreement of a language model and the extractive engine; spellings are the model's."""

    def make(given: _Given) -> Engine:
        return AgreementEngine((_asking(name)(given), _extractive(given)), given.embedder)

    return make


_ENGINES: Final[dict[str, _Make]] = {
    "extractive": _extractive,
    "extractive-light": lambda given: ExtractiveEngine(given.embedder, LIGHT),
    "agreement": _agreement,
    "openai": _asking("openai"),
    "anthropic": _asking("anthropic"),
    "agreement-openai": _agreement_with("openai"),
    "agreement-anthropic": _agreement_with("anthropic"),
}

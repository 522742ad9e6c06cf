"""Makes the engine that asks a language model, with what reads when the model gives no answer."""

from collections.abc import Callable
from typing import Final

from conversation_genome.conversation import Conversation, ConversationId, Utterance
from conversation_genome.embedding.base import Embedder
from conversation_genome.engines.base import Engine
from conversation_genome.engines.llm.engine import LlmEngine
from conversation_genome.engines.llm.fallback import FallbackEngine
from conversation_genome.engines.llm.gated import GatedEngine
from conversation_genome.llm.calls import Calls
from conversation_genome.llm.loading import load_calls, load_language_model
from conversation_genome.llm_settings import LlmSettings, ProviderName

_FIRST: Final = Conversation(
    id=ConversationId("first"),
    participants=("SPEAKER_0",),
    lines=(Utterance(speaker=0, text="Old leather boots, and dry socks for the hut."),),
)
"""Read once by an engine that may have to stand in: its models are loaded then, not while somebody waits."""


def load_llm_engine(
    name: ProviderName,
    embedder: Embedder,
    settings: LlmSettings,
    *,
    extractive: Callable[[], Engine],
    is_gated: bool = False,
) -> Engine:
    """Return the engine of a provider; both providers of a fallback spend from one budget.

    Args:
        name: Who is asked.
        embedder: What makes the vectors.
        settings: The models, keys and limits.
        extractive: Makes the engine that stands in where the settings say so.
        is_gated: Whether it also reads what is garbled, empty or one-sided, so that no model is paid for that.

    Raises:
        LlmKeyMissingError: If there is no key.
        LlmBudgetError: If no limit of the budget could hold for the model.
    """
    if is_gated:
        return GatedEngine(load_llm_engine(name, embedder, settings, extractive=extractive), extractive())
    calls = load_calls(settings)
    first = _engine(name, embedder, settings, calls)
    match settings.llm_fallback:
        case "extractive":
            second = extractive()
            second.annotate(_FIRST)
            return FallbackEngine(first, second)
        case "openai" | "anthropic" as other if other != name:
            return FallbackEngine(first, _engine(other, embedder, settings, calls))
        case _:
            return first


def _engine(name: ProviderName, embedder: Embedder, settings: LlmSettings, calls: Calls) -> LlmEngine:
    return LlmEngine(
        load_language_model(name, settings, calls),
        embedder,
        segment_tokens=settings.llm_segment_tokens,
        max_output_tokens=settings.llm_max_output_tokens,
        masks=settings.llm_mask,
    )

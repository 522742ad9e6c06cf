"""The calls that give a role its language models, all under one budget."""

from typing import Final

from conversation_genome.llm.anthropic import AnthropicProvider
from conversation_genome.llm.base import Provider
from conversation_genome.llm.budget import Budget, Limits
from conversation_genome.llm.cache import AnswerCache
from conversation_genome.llm.calls import Calls, Patience
from conversation_genome.llm.model import LanguageModel
from conversation_genome.llm.openai import OpenAiProvider
from conversation_genome.llm.spending import DayLedger
from conversation_genome.llm_settings import LlmSettings, ProviderName

_MEGABYTE: Final = 1_000_000


def load_calls(settings: LlmSettings) -> Calls:
    """Return how calls are made: what shares it shares the budget and the slots."""
    limits = Limits(
        usd_per_run=settings.llm_max_usd_per_run,
        usd_per_day=settings.llm_max_usd_per_day,
        tokens_per_run=settings.llm_max_tokens_per_run,
        tokens_per_day=settings.llm_max_tokens_per_day,
    )
    patience = Patience(
        attempts=settings.llm_attempts,
        attempt_seconds=settings.llm_attempt_seconds,
        call_seconds=settings.llm_call_seconds,
    )
    budget = Budget(limits, DayLedger(settings.llm_folder / "spent.sqlite"), settings.llm_prices)
    return Calls(patience, budget, at_once=settings.llm_concurrency)


def load_language_model(name: ProviderName, settings: LlmSettings, calls: Calls) -> LanguageModel:
    """Return the model that the settings name for a provider.

    Raises:
        LlmKeyMissingError: If there is no key.
        LlmBudgetError: If no limit of the budget could hold for the model.
    """
    cache_bytes = settings.llm_cache_megabytes * _MEGABYTE
    cache = AnswerCache(settings.llm_folder / "answers.sqlite", max_bytes=cache_bytes) if cache_bytes else None
    return LanguageModel(load_provider(name, settings), calls, cache)


def load_provider(name: ProviderName, settings: LlmSettings) -> Provider:
    """Return a provider with its key.

    Raises:
        LlmKeyMissingError: If there is no key.
    """
    if name == "anthropic":
        return AnthropicProvider(
            api_key=settings.anthropic_api_key.get_secret_value(),
            base_url=settings.anthropic_base_url,
            model=settings.anthropic_model,
            effort=settings.llm_effort,
        )
    return OpenAiProvider(
        api_key=settings.openai_api_key.get_secret_value(),
        base_url=settings.openai_base_url,
        model=settings.openai_model,
        answer_form=settings.openai_answer_form,
        effort=settings.llm_effort,
        temperature=settings.llm_temperature,
    )

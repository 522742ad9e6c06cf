"""What a role that asks a language model needs: a key, an address, a limit that holds, a folder, and time enough."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from conversation_genome.errors import LlmBudgetError, LlmKeyMissingError
from conversation_genome.llm_settings import PROVIDERS, ProviderName
from conversation_genome.settings import MinerSettings, RoleSettings, SettingFault, ValidatorSettings

VALIDATORS_WAIT_SECONDS: Final = ValidatorSettings.model_fields["validator_timeout_seconds"].default
"""What validators give a miner unless they are set otherwise."""


def llm_faults(settings: RoleSettings) -> Iterator[SettingFault]:
    """Yield what is missing before the language models that a role's settings name can be asked; sends nothing."""
    providers = tuple(_providers(settings))
    for provider in providers:
        yield from _provider_faults(provider, settings)
    if providers and isinstance(settings, MinerSettings) and settings.llm_call_seconds >= VALIDATORS_WAIT_SECONDS:
        yield SettingFault(
            setting="CGP_LLM_CALL_SECONDS",
            message=f"is {settings.llm_call_seconds:g}, and validators wait {VALIDATORS_WAIT_SECONDS:g} s for an answer: "
            "a late one pays nothing; set it to 8 or so, and CGP_LLM_FALLBACK=extractive",
        )


def asks_a_language_model(settings: RoleSettings) -> bool:
    """Tell whether a role's settings name a language model."""
    return any(_providers(settings))


def _providers(settings: RoleSettings) -> Iterator[ProviderName]:
    engine = ""
    if isinstance(settings, MinerSettings):
        engine = settings.miner_engine
    if isinstance(settings, ValidatorSettings):
        engine = settings.validator_engine
    for provider in PROVIDERS:
        is_first = engine.removeprefix("agreement-") == provider
        is_fallback = settings.llm_fallback == provider and engine.removeprefix("agreement-") in PROVIDERS
        if is_first or is_fallback:
            yield provider


def _provider_faults(provider: ProviderName, settings: RoleSettings) -> Iterator[SettingFault]:
    from conversation_genome.llm.failures import shown_url  # noqa: PLC0415 -- the SDKs, only where asked
    from conversation_genome.llm.loading import load_calls, load_provider  # noqa: PLC0415 -- the SDKs, only where asked

    prefix = f"CGP_{provider.upper()}"
    url = settings.openai_base_url if provider == "openai" else settings.anthropic_base_url
    if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
        yield SettingFault(
            setting=f"{prefix}_BASE_URL", message=f"is {shown_url(url)!r}; write a URL such as http://127.0.0.1:8080/v1"
        )
        return
    try:
        model = load_provider(provider, settings).model
        load_calls(settings).budget.require_a_limit_that_holds(model)
    except LlmKeyMissingError:
        yield SettingFault(
            setting=f"{prefix}_API_KEY",
            message=f"is empty, and {shown_url(url)} asks for a key; set it, or take an engine that needs none",
        )
    except LlmBudgetError as exc:
        yield SettingFault(setting="CGP_LLM_MAX_TOKENS_PER_DAY", message=f"is 0: {exc}")

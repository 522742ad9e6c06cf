"""What the tests of calls share: a model with real SDKs, a folder of its own, and no patience to speak of."""

from pathlib import Path
from typing import Any

from pydantic import SecretStr

from conversation_genome.llm.budget import Budget, Limits
from conversation_genome.llm.cache import AnswerCache
from conversation_genome.llm.calls import Calls, Patience
from conversation_genome.llm.loading import load_provider
from conversation_genome.llm.model import LanguageModel
from conversation_genome.llm.spending import DayLedger
from conversation_genome.llm_settings import LlmSettings, ProviderName
from tests_ap.unit.llm.scripted_server import KEY


def settings_for(url: str, **settings: Any) -> LlmSettings:
    """Return settings that lead both providers to one loopback server."""
    given: dict[str, Any] = {
        "openai_api_key": SecretStr(KEY),
        "anthropic_api_key": SecretStr(KEY),
        "openai_base_url": f"{url}/v1",
        "anthropic_base_url": url,
        "openai_model": "some-model",
        "anthropic_model": "claude-test",
        **settings,
    }
    return LlmSettings(**given)


def model_at(
    url: str,
    folder: Path,
    *,
    provider: ProviderName = "openai",
    limits: Limits | None = None,
    patience: Patience | None = None,
    at_once: int = 4,
    keeps: bool = False,
    **settings: Any,
) -> LanguageModel:
    """Return a model whose calls go to that server; waits are some hundredths of a second."""
    known = settings_for(url, **settings)
    budget = Budget(limits or Limits(), DayLedger(folder / "spent.sqlite"), known.llm_prices)
    quick = patience or Patience(attempts=3, attempt_seconds=5, call_seconds=10, first_wait_seconds=0.02)
    cache = AnswerCache(folder / "answers.sqlite", max_bytes=1_000_000) if keeps else None
    return LanguageModel(load_provider(provider, known), Calls(quick, budget, at_once=at_once), cache)

"""LlmSettings: which language model is asked, how patiently, and what it may cost."""

import json
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import NoDecode

OPENAI_URL: Final = "https://api.openai.com/v1"
ANTHROPIC_URL: Final = "https://api.anthropic.com"

AnswerForm = Literal["json_schema", "json_object", "tool"]
Effort = Literal["default", "low", "medium", "high"]
ProviderName = Literal["openai", "anthropic"]
PROVIDERS: Final[tuple[ProviderName, ...]] = ("openai", "anthropic")
Fallback = Literal["none", "extractive", "openai", "anthropic"]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Prices = dict[str, tuple[Price, Price]]


class LlmSettings(BaseModel):
    """What every role needs to ask a language model; nothing here matters to the engines that need none."""

    model_config = ConfigDict(frozen=True)

    openai_api_key: SecretStr = Field(
        SecretStr(""), description="key for OpenAI or the server at CGP_OPENAI_BASE_URL; most local servers take any"
    )
    openai_base_url: str = Field(
        OPENAI_URL,
        description="where the OpenAI API is spoken: OpenAI, vLLM, Ollama, llama.cpp, OpenRouter, Groq, Chutes",
    )
    openai_model: str = Field("gpt-6-luna", description="model that the engine `openai` asks")
    openai_answer_form: AnswerForm = Field(
        "json_schema",
        description="how the server is held to the schema of an answer; the others are for servers without json_schema",
    )
    openai_embedding_model: str = Field("text-embedding-3-small", description="model that the OpenAI embeddings ask")
    anthropic_api_key: SecretStr = Field(SecretStr(""), description="key for Anthropic")
    anthropic_base_url: str = Field(ANTHROPIC_URL, description="where the Anthropic API is spoken")
    anthropic_model: str = Field("claude-haiku-5-5", description="model that the engine `anthropic` asks")
    llm_fallback: Fallback = Field(
        "none", description="what reads a conversation when the language model gives no answer; `none` fails instead"
    )
    llm_effort: Effort = Field(
        "default", description="how much the model thinks before it answers; `default` says nothing about it"
    )
    llm_temperature: Annotated[float, Field(ge=0, le=2)] | None = Field(
        None, description="temperature of local models; empty says nothing about it, as the newest hosted models demand"
    )
    llm_segment_tokens: Annotated[int, Field(ge=200, le=100_000)] = Field(
        3_000, description="tokens of a conversation in one call at most; a longer one is read in parts and merged"
    )
    llm_max_output_tokens: Annotated[int, Field(ge=50, le=128_000)] = Field(
        4_000, description="tokens of an answer at most, those of thinking included"
    )
    llm_mask: bool = Field(
        False, description="`true` puts placeholders for personal data into what a language model is sent"
    )
    llm_attempt_seconds: Annotated[float, Field(gt=0, le=600)] = Field(
        60.0, description="seconds that one attempt may take; never more than is left of the call"
    )
    llm_call_seconds: Annotated[float, Field(gt=0, le=3_600)] = Field(
        120.0,
        description="seconds that a call may take with every attempt and every wait; miners: under the time limit",
    )
    llm_attempts: Annotated[int, Field(ge=1, le=10)] = Field(
        4, description="attempts at a call when the provider is busy, fails or does not answer"
    )
    llm_concurrency: Annotated[int, Field(ge=1, le=64)] = Field(4, description="calls that one process makes at once")
    llm_folder: Path = Field(
        Path("language-model"), description="folder of the answers that are kept and of what was spent today"
    )
    llm_cache_megabytes: Annotated[int, Field(ge=0, le=100_000)] = Field(
        256, description="megabytes of answers that are kept on disk, so that no call is made twice; 0 keeps none"
    )
    llm_max_usd_per_run: Price = Field(0.0, description="US dollars that one process may spend; 0 for no limit")
    llm_max_usd_per_day: Price = Field(
        5.0, description="US dollars that all processes with this folder may spend in a day (UTC); 0 for no limit"
    )
    llm_max_tokens_per_run: Annotated[int, Field(ge=0)] = Field(
        0, description="tokens that one process may use; 0 for no limit"
    )
    llm_max_tokens_per_day: Annotated[int, Field(ge=0)] = Field(
        20_000_000, description="tokens that all processes with this folder may use in a day (UTC); 0 for no limit"
    )
    llm_prices: Annotated[Prices, NoDecode] = Field(
        default_factory=dict,
        description='US dollars per million tokens in and out that go before the built-in ones: {"my-model": [0.1, 0.5]}',
    )

    @field_validator("llm_prices", mode="before")
    @classmethod
    def _from_json(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value or "{}")
        except ValueError as exc:
            msg = 'it must be JSON such as {"my-model": [0.1, 0.5]}'
            raise ValueError(msg) from exc

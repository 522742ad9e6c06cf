"""The Provider Protocol: one call to a language model, its answer held to a JSON schema."""

import hashlib
import json
from dataclasses import dataclass
from typing import Annotated, Any, Protocol

from pydantic import BaseModel, ConfigDict, Field

from conversation_genome.errors import LlmError

Count = Annotated[int, Field(ge=0)]


class Usage(BaseModel):
    """Tokens of one call as the provider counts them."""

    model_config = ConfigDict(frozen=True)

    input_tokens: Count = 0
    output_tokens: Count = 0

    @property
    def tokens(self) -> int:
        """All of them."""
        return self.input_tokens + self.output_tokens

    def __add__(self, other: "Usage") -> "Usage":
        """Return both together."""
        return Usage(
            input_tokens=self.input_tokens + other.input_tokens, output_tokens=self.output_tokens + other.output_tokens
        )


class Prompt(BaseModel):
    """What is asked of a model."""

    model_config = ConfigDict(frozen=True)

    version: str
    """Changes whenever the words or the schema do: answers to an older prompt are not taken for answers to this one."""
    system: str
    """What to do: ours alone."""
    user: str
    """The data, delimited."""
    schema_name: str
    json_schema: dict[str, Any]
    """What the answer must be; every object closed, every property required."""
    max_output_tokens: int

    @property
    def most_input_tokens(self) -> int:
        """What the prompt costs at most: a byte-level tokenizer never makes more tokens than there are bytes."""
        texts = (self.system, self.user, json.dumps(self.json_schema, ensure_ascii=False))
        return sum(len(text.encode("utf-8", "replace")) for text in texts) + 200

    def key(self, *provider: str) -> str:
        """Return what an answer to this prompt is remembered under: SHA-256 (hex) of all that shapes it."""
        content = json.dumps([*provider, self.model_dump()], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True)
class Reply:
    """What a provider returned, and charges for."""

    text: str
    """Text that claims to be the JSON, not yet checked; empty where there is a failure."""
    usage: Usage | None
    """None where the server does not count."""
    failure: LlmError | None = None
    """Why there is nothing to use: a refusal, a filter, an answer cut off."""


class Provider(Protocol):
    """A language model behind an SDK; safe to call from several threads. Its SDK's own retries are off."""

    @property
    def name(self) -> str:
        """`openai` or `anthropic`."""

    @property
    def model(self) -> str:
        """The model's name at the provider."""

    @property
    def identity(self) -> tuple[str, ...]:
        """Everything beside the prompt that an answer depends on: provider, address, model, how it is asked."""

    def complete(self, prompt: Prompt, *, timeout_seconds: float) -> Reply:
        """Return what came back from one attempt, be it an answer or a failure that is charged for.

        Raises:
            LlmError: If nothing came back; the cause is its subclass.
        """

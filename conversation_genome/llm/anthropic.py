"""The one importer of Anthropic's SDK: messages held to a JSON schema."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import anthropic
from anthropic.types import Message

from conversation_genome.errors import LlmAnswerError, LlmError, LlmKeyMissingError, LlmRefusalError
from conversation_genome.llm.base import Prompt, Reply, Usage
from conversation_genome.llm.failures import (
    Place,
    connection_error,
    shown_url,
    status_error,
    timeout_error,
    truncated_error,
)
from conversation_genome.llm_settings import Effort

_CUT_OFF: Final = ("max_tokens", "model_context_window_exceeded")


class AnthropicProvider:
    """Claude with structured outputs; the SDK's own retries are off."""

    name: Final = "anthropic"

    def __init__(self, *, api_key: str, base_url: str, model: str, effort: Effort = "default") -> None:
        """Make a client; nothing is sent yet.

        Args:
            api_key: Anthropic's.
            base_url: Without `/v1`.
            model: The model's name.
            effort: How much the model thinks; `default` is not sent.

        Raises:
            LlmKeyMissingError: If there is no key.
        """
        if not api_key:
            raise LlmKeyMissingError(f"there is no key for {shown_url(base_url)}; set CGP_ANTHROPIC_API_KEY")
        self._place = Place("anthropic", base_url, model, api_key)
        self._effort: dict[str, Any] = {} if effort == "default" else {"effort": effort}
        self._client = anthropic.Anthropic(api_key=api_key, base_url=base_url, max_retries=0)

    @property
    def model(self) -> str:
        """The model's name."""
        return self._place.model

    @property
    def identity(self) -> tuple[str, ...]:
        """What an answer depends on beside the prompt."""
        return (self.name, self._place.url, self.model, json.dumps(self._effort))

    def complete(self, prompt: Prompt, *, timeout_seconds: float) -> Reply:
        """Return what came back from one attempt.

        Raises:
            LlmError: If nothing came back; the cause is its subclass.
        """
        schema = anthropic.transform_schema(prompt.json_schema)
        output: Any = {"format": {"type": "json_schema", "schema": schema}, **self._effort}
        with _told(self._place, timeout_seconds):
            message = self._client.messages.create(
                model=self.model,
                max_tokens=prompt.max_output_tokens,
                system=prompt.system,
                messages=[{"role": "user", "content": prompt.user}],
                output_config=output,
                timeout=timeout_seconds,
            )
        answer = self._answer(message)
        return Reply(answer, _usage(message)) if isinstance(answer, str) else Reply("", _usage(message), answer)

    def _answer(self, message: Message) -> str | LlmError:
        if message.stop_reason == "refusal":
            return LlmRefusalError(f"{self._place} declines to read this conversation")
        if message.stop_reason in _CUT_OFF:
            return truncated_error(self._place)
        text = "".join(block.text for block in message.content or () if block.type == "text")
        return text or LlmAnswerError(f"{self._place} answered nothing (stopped by {message.stop_reason!r})")


def _usage(message: Message) -> Usage | None:
    used = message.usage
    if used is None:
        return None
    cached = (used.cache_creation_input_tokens or 0) + (used.cache_read_input_tokens or 0)
    return Usage(input_tokens=(used.input_tokens or 0) + cached, output_tokens=used.output_tokens or 0)


@contextmanager
def _told(place: Place, timeout_seconds: float) -> Iterator[None]:
    """Turn the SDK's errors into ours; without their chain, for they repeat what a server echoes, keys among it."""
    try:
        yield
    except anthropic.APITimeoutError:
        raise timeout_error(place, timeout_seconds) from None
    except anthropic.APIConnectionError as exc:
        raise connection_error(place, exc.__cause__ or exc) from None
    except anthropic.APIStatusError as exc:
        raise status_error(
            place, exc.status_code, exc.response.headers, exc.type or "", exc.api_message or exc.message
        ) from None
    except (anthropic.AnthropicError, ValueError, TypeError) as exc:
        raise LlmAnswerError(f"{place} answers what its API does not know: {place.told(str(exc))}") from None

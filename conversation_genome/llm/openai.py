"""The one importer of OpenAI's SDK: chat completions and embeddings of any server that speaks this API."""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final
from urllib.parse import urlsplit

import openai
from openai.types.chat import ChatCompletion

from conversation_genome.errors import (
    LlmAnswerError,
    LlmError,
    LlmFilteredError,
    LlmKeyMissingError,
    LlmRefusalError,
)
from conversation_genome.llm.base import Prompt, Reply, Usage
from conversation_genome.llm.failures import (
    Place,
    connection_error,
    shown_url,
    status_error,
    timeout_error,
    truncated_error,
)
from conversation_genome.llm_settings import AnswerForm, Effort

_HOSTED: Final = ("openai.com", "openai.azure.com")
"""Where `max_tokens` is called `max_completion_tokens`; servers that imitate the API know the old name."""
_NO_KEY_NEEDED: Final = "none"
"""What a local server is given where no key is set: the SDK insists on one."""


class OpenAiProvider:
    """Chat completions held to a JSON schema; the SDK's own retries are off."""

    name: Final = "openai"

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        model: str,
        answer_form: AnswerForm = "json_schema",
        effort: Effort = "default",
        temperature: float | None = None,
    ) -> None:
        """Make a client; nothing is sent yet.

        Args:
            api_key: May be empty for a server that is not OpenAI's.
            base_url: Up to and with `/v1`.
            model: The model's name there.
            answer_form: How the server is held to the schema.
            effort: How much the model thinks; `default` is not sent.
            temperature: Not sent if None.

        Raises:
            LlmKeyMissingError: If OpenAI is to be called without a key.
        """
        self._place = Place("openai", base_url, model, api_key)
        self._is_hosted = (urlsplit(base_url).hostname or "").endswith(_HOSTED)
        if not api_key and self._is_hosted:
            raise LlmKeyMissingError(f"there is no key for {shown_url(base_url)}; set CGP_OPENAI_API_KEY")
        self._answer_form = answer_form
        self._options: dict[str, Any] = {} if effort == "default" else {"reasoning_effort": effort}
        if temperature is not None:
            self._options["temperature"] = temperature
        self._client = openai.OpenAI(
            api_key=api_key or _NO_KEY_NEEDED, base_url=base_url, max_retries=0, organization="", project=""
        )
        self._client.organization = self._client.project = None  # not the environment's, and no empty header either

    @property
    def model(self) -> str:
        """The model's name."""
        return self._place.model

    @property
    def url(self) -> str:
        """Where the API is spoken."""
        return self._place.url

    @property
    def identity(self) -> tuple[str, ...]:
        """What an answer depends on beside the prompt."""
        return (self.name, self._place.url, self.model, self._answer_form, json.dumps(self._options, sort_keys=True))

    def complete(self, prompt: Prompt, *, timeout_seconds: float) -> Reply:
        """Return what came back from one attempt.

        Raises:
            LlmError: If nothing came back; the cause is its subclass.
        """
        with _told(self._place, timeout_seconds):
            completion = self._client.chat.completions.create(
                model=self.model, timeout=timeout_seconds, **self._request(prompt)
            )
        answer = self._answer(completion)
        usage = _usage(completion.usage)
        return Reply(answer, usage) if isinstance(answer, str) else Reply("", usage, answer)

    def embed(self, texts: Sequence[str], *, timeout_seconds: float) -> tuple[list[list[float]], str, Usage | None]:
        """Return one vector a text in their order, the model's own name of itself, and what was used.

        Raises:
            LlmError: The cause as its subclass.
        """
        with _told(self._place, timeout_seconds):
            answer = self._client.embeddings.create(
                model=self.model, input=list(texts), encoding_format="float", timeout=timeout_seconds
            )
        rows = sorted(answer.data or [], key=lambda row: row.index)
        if [row.index for row in rows] != list(range(len(texts))):
            raise LlmAnswerError(f"{self._place} returned {len(rows)} vectors for {len(texts)} texts")
        usage = Usage(input_tokens=answer.usage.prompt_tokens) if answer.usage else None
        return [list(row.embedding) for row in rows], answer.model or self.model, usage

    def _request(self, prompt: Prompt) -> dict[str, Any]:
        limit = "max_completion_tokens" if self._is_hosted else "max_tokens"
        system = prompt.system
        form: dict[str, Any] = {}
        if self._answer_form == "json_schema":
            schema = {"name": prompt.schema_name, "schema": prompt.json_schema, "strict": True}
            form["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif self._answer_form == "json_object":
            form["response_format"] = {"type": "json_object"}
            system += f"\nAnswer with one JSON object that fits this JSON schema:\n{json.dumps(prompt.json_schema)}"
        else:
            function = {"name": prompt.schema_name, "parameters": prompt.json_schema, "strict": True}
            form["tools"] = [{"type": "function", "function": function}]
            form["tool_choice"] = {"type": "function", "function": {"name": prompt.schema_name}}
        messages = [{"role": "system", "content": system}, {"role": "user", "content": prompt.user}]
        return {"messages": messages, limit: prompt.max_output_tokens, **form, **self._options}

    def _answer(self, completion: ChatCompletion) -> str | LlmError:
        if not completion.choices:
            return LlmAnswerError(f"{self._place} answered without a choice")
        choice = completion.choices[0]
        if choice.message.refusal:
            return LlmRefusalError(f"{self._place} declines: {self._place.told(choice.message.refusal)}")
        if choice.finish_reason == "content_filter":
            return LlmFilteredError(f"the content filter of {self._place} took the answer away")
        if choice.finish_reason == "length":
            return truncated_error(self._place)
        text = _arguments(choice.message) if self._answer_form == "tool" else choice.message.content
        return text or LlmAnswerError(
            f"{self._place} answered nothing; the server may need another CGP_OPENAI_ANSWER_FORM"
        )


def _arguments(message: Any) -> str | None:
    calls = message.tool_calls or []
    return calls[0].function.arguments if calls and calls[0].type == "function" else None


def _usage(usage: Any) -> Usage | None:
    if usage is None:
        return None
    return Usage(input_tokens=usage.prompt_tokens or 0, output_tokens=usage.completion_tokens or 0)


@contextmanager
def _told(place: Place, timeout_seconds: float) -> Iterator[None]:
    """Turn the SDK's errors into ours; without their chain, for they repeat what a server echoes, keys among it."""
    try:
        yield
    except openai.APITimeoutError:
        raise timeout_error(place, timeout_seconds) from None
    except openai.APIConnectionError as exc:
        raise connection_error(place, exc.__cause__ or exc) from None
    except openai.APIStatusError as exc:
        raise status_error(
            place, exc.status_code, exc.response.headers, exc.code or exc.type or "", exc.message
        ) from None
    except (openai.OpenAIError, ValueError, TypeError) as exc:
        raise LlmAnswerError(f"{place} answers what its API does not know: {place.told(str(exc))}") from None

"""From what a provider answers to our errors: one table for all of them, and no secret in any message."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx2

from conversation_genome.errors import (
    LlmBusyError,
    LlmError,
    LlmFilteredError,
    LlmKeyRefusedError,
    LlmQuotaError,
    LlmRequestError,
    LlmServerError,
    LlmTimeoutError,
    LlmTruncatedError,
    LlmUnreachableError,
)
from conversation_genome.llm.retry_after import retry_after_seconds

MAX_TOLD_CHARACTERS: Final = 300
_KEY_LIKE: Final = re.compile(r"\b(?:sk|gsk|cpk|pk|key)-[\w*.\-]{6,}|\bBearer\s+\S+", re.IGNORECASE)
_IN_FRONT_OF_HOST: Final = re.compile(r"//[^/@\s]*@")
_NO_MONEY: Final = re.compile(
    r"insufficient_quota|exceeded your current quota|billing_(?:hard_limit|error)|credit balance|insufficient (?:credits|funds)",
    re.IGNORECASE,
)
_FILTERED: Final = re.compile(r"content_filter|content filter|content management policy|content_policy", re.IGNORECASE)
_TOO_LATE: Final = (408, 504)


@dataclass(frozen=True, slots=True)
class Place:
    """Who was called, for messages that name the remedy."""

    provider: str
    url: str
    model: str
    key: str
    """Never told; only taken out of what others tell."""

    def __str__(self) -> str:
        """The model and where it is asked."""
        return f"{self.model!r} at {shown_url(self.url)}"

    @property
    def prefix(self) -> str:
        """What the settings of this provider begin with."""
        return f"CGP_{self.provider.upper()}"

    def told(self, message: str) -> str:
        """Return what the provider said, short, on one line and without keys."""
        plain = " ".join(message.split())
        if self.key:
            plain = plain.replace(self.key, "[key]")
        plain = shown_url(_KEY_LIKE.sub("[key]", plain))
        return plain if len(plain) <= MAX_TOLD_CHARACTERS else plain[:MAX_TOLD_CHARACTERS] + "..."


def shown_url(url: str) -> str:
    """Return an address without the name and the password that it may carry."""
    return _IN_FRONT_OF_HOST.sub("//", url)


def status_error(place: Place, status: int, headers: Mapping[str, str], code: str, message: str) -> LlmError:
    """Return the error that an HTTP status stands for.

    Args:
        place: Who was called.
        status: The HTTP status, 400 or more.
        headers: The response's.
        code: The provider's own name of the failure; empty where it gives none.
        message: What the provider says.
    """
    told = place.told(message)
    whole = f"{code} {message}"
    if status == 402 or _NO_MONEY.search(whole):
        return LlmQuotaError(f"{place.provider} has no quota left for this key ({told}); add credit at the provider")
    if status in (401, 403):
        return LlmKeyRefusedError(
            f"{place.provider} refuses the key for {place} ({status}: {told}); correct {place.prefix}_API_KEY"
        )
    wait = retry_after_seconds(headers, datetime.now(UTC))
    if status == 429:
        return LlmBusyError(f"{place} takes no more requests for now ({told})", retry_after_seconds=wait)
    if status in _TOO_LATE:
        return LlmTimeoutError(
            f"{place} ran out of time ({status}: {told})", retry_after_seconds=wait, may_be_billed=True
        )
    if status >= 500:
        return LlmServerError(f"{place} failed ({status}: {told})", retry_after_seconds=wait)
    return _request_error(place, status, told, whole)


def timeout_error(place: Place, seconds: float) -> LlmError:
    """Return the error for an answer that did not come in time."""
    return LlmTimeoutError(
        f"{place} did not answer within {seconds:.3g} s; raise CGP_LLM_ATTEMPT_SECONDS and CGP_LLM_CALL_SECONDS, or ask a faster model",
        may_be_billed=True,
    )


def connection_error(place: Place, cause: BaseException) -> LlmError:
    """Return the error for a connection that was not made, or was lost while the model worked."""
    return LlmUnreachableError(
        f"{place} cannot be reached ({place.told(str(cause))}); is {place.prefix}_BASE_URL right and the server up?",
        may_be_billed=not isinstance(cause, httpx2.ConnectError),
    )


def truncated_error(place: Place) -> LlmError:
    """Return the error for an answer that is longer than it may be."""
    return LlmTruncatedError(f"the answer of {place} was cut off at the limit; raise CGP_LLM_MAX_OUTPUT_TOKENS")


def _request_error(place: Place, status: int, told: str, whole: str) -> LlmError:
    if _FILTERED.search(whole):
        return LlmFilteredError(f"the content filter of {place} refused the conversation ({told})")
    if status == 404:
        return LlmRequestError(f"there is no {place} ({told}); correct {place.prefix}_MODEL or {place.prefix}_BASE_URL")
    remedy = "if the server knows no json_schema, set CGP_OPENAI_ANSWER_FORM" if place.provider == "openai" else ""
    return LlmRequestError("; ".join(filter(None, [f"{place} cannot take the request ({status}: {told})", remedy])))

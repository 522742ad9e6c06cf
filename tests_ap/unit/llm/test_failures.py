"""Every failure of a provider comes out as its own error, with the cause and the remedy, and without the key."""

import json
import logging
import tempfile
import traceback
import unittest
from pathlib import Path

from conversation_genome import errors
from conversation_genome.engines.llm.answers import GivenTags
from conversation_genome.errors import LlmError
from conversation_genome.llm.calls import Patience
from conversation_genome.llm.loading import load_provider
from conversation_genome.llm_settings import LlmSettings, ProviderName
from tests_ap.unit.llm.rig import model_at
from tests_ap.unit.llm.scripted_server import (
    GOOD,
    KEY,
    PROMPT,
    Scripted,
    ScriptedServer,
    anthropic_error,
    chat,
    claude,
    openai_error,
)

OPENAI: dict[str, tuple[Scripted, type[LlmError], str]] = {
    "a bad key": (
        Scripted(openai_error("invalid_api_key", f"Incorrect API key provided: {KEY}."), 401),
        errors.LlmKeyRefusedError,
        "CGP_OPENAI_API_KEY",
    ),
    "a spent quota": (
        Scripted(openai_error("insufficient_quota", "You exceeded your current quota", "insufficient_quota"), 429),
        errors.LlmQuotaError,
        "add credit",
    ),
    "an unknown model": (
        Scripted(openai_error("model_not_found", "The model does not exist"), 404),
        errors.LlmRequestError,
        "CGP_OPENAI_MODEL",
    ),
    "a server without json_schema": (
        Scripted(openai_error(None, "response_format.type must be one of text, json_object"), 400),
        errors.LlmRequestError,
        "CGP_OPENAI_ANSWER_FORM",
    ),
    "a filtered request": (
        Scripted(openai_error("content_filter", "The response was filtered by the content management policy"), 400),
        errors.LlmFilteredError,
        "content filter",
    ),
    "a refusal": (Scripted(chat(refusal="I can't help with that.")), errors.LlmRefusalError, "can't help"),
    "a filtered answer": (Scripted(chat("", finish="content_filter")), errors.LlmFilteredError, "content filter"),
    "an answer cut off": (
        Scripted(chat('{"tags": [{"text": "oa', finish="length")),
        errors.LlmTruncatedError,
        "CGP_LLM_MAX_OUTPUT_TOKENS",
    ),
    "truncated JSON that claims to be whole": (Scripted(chat('{"tags": [{"te')), errors.LlmAnswerError, "JSON"),
    "prose around JSON": (Scripted(chat(f"Sure! {json.dumps(GOOD)}")), errors.LlmAnswerError, "JSON"),
    "JSON of another shape": (Scripted(chat({"labels": []})), errors.LlmAnswerError, "tags"),
    "an aspect that is none": (
        Scripted(chat({"tags": [{"text": "oak", "aspect": "colour"}]})),
        errors.LlmAnswerError,
        "tags.0.aspect",
    ),
    "an empty answer": (Scripted(chat("")), errors.LlmAnswerError, "nothing"),
    "no choice": (Scripted({**chat(""), "choices": []}), errors.LlmAnswerError, "choice"),
    "no JSON at all": (Scripted(b"<html>gateway</html>"), errors.LlmAnswerError, "API does not know"),
    "a busy server": (Scripted(openai_error("rate_limit_exceeded", "Slow down"), 429), errors.LlmBusyError, "Slow"),
    "a broken server": (Scripted(openai_error(None, "oops", "server_error"), 500), errors.LlmServerError, "500"),
    "a hanging server": (Scripted(chat(GOOD), seconds=3), errors.LlmTimeoutError, "CGP_LLM_ATTEMPT_SECONDS"),
    "a server that sends blanks": (Scripted(chat(GOOD), blanks=60), errors.LlmTimeoutError, "did not answer"),
}
ANTHROPIC: dict[str, tuple[Scripted, type[LlmError], str]] = {
    "a bad key": (
        Scripted(anthropic_error("authentication_error", f"invalid x-api-key {KEY}"), 401),
        errors.LlmKeyRefusedError,
        "CGP_ANTHROPIC_API_KEY",
    ),
    "a key without the right": (
        Scripted(anthropic_error("permission_error", "not allowed"), 403),
        errors.LlmKeyRefusedError,
        "403",
    ),
    "no credit": (
        Scripted(anthropic_error("invalid_request_error", "Your credit balance is too low"), 400),
        errors.LlmQuotaError,
        "add credit",
    ),
    "a billing error": (Scripted(anthropic_error("billing_error", "pay"), 402), errors.LlmQuotaError, "add credit"),
    "an unknown model": (
        Scripted(anthropic_error("not_found_error", "model: claude-test"), 404),
        errors.LlmRequestError,
        "CGP_ANTHROPIC_MODEL",
    ),
    "a request too large": (
        Scripted(anthropic_error("request_too_large", "too many bytes"), 413),
        errors.LlmRequestError,
        "413",
    ),
    "a filtered answer": (
        Scripted(anthropic_error("invalid_request_error", "Output blocked by content filtering policy"), 400),
        errors.LlmFilteredError,
        "content filter",
    ),
    "a refusal": (Scripted(claude(None, stop="refusal")), errors.LlmRefusalError, "declines"),
    "an answer cut off": (
        Scripted(claude('{"tags": [', stop="max_tokens")),
        errors.LlmTruncatedError,
        "CGP_LLM_MAX_OUTPUT_TOKENS",
    ),
    "invalid JSON": (Scripted(claude("tags: oak")), errors.LlmAnswerError, "JSON"),
    "a busy server": (Scripted(anthropic_error("rate_limit_error", "Slow down"), 429), errors.LlmBusyError, "Slow"),
    "an overloaded server": (
        Scripted(anthropic_error("overloaded_error", "Overloaded"), 529),
        errors.LlmServerError,
        "Overloaded",
    ),
    "a hanging server": (Scripted(claude(GOOD), seconds=3), errors.LlmTimeoutError, "CGP_LLM_ATTEMPT_SECONDS"),
}
ONCE = Patience(attempts=1, attempt_seconds=0.3, call_seconds=5)


class FailuresTest(unittest.TestCase):
    def fail_of(self, provider: ProviderName, answer: Scripted) -> LlmError:
        with ScriptedServer(answer) as server, tempfile.TemporaryDirectory() as folder:
            model = model_at(server.url, Path(folder), provider=provider, patience=ONCE)
            with self.assertRaises(LlmError) as caught:
                model.ask(PROMPT, GivenTags)
        return caught.exception

    def check(self, provider: ProviderName, cases: dict[str, tuple[Scripted, type[LlmError], str]]) -> None:
        for name, (answer, expected, told) in cases.items():
            with self.subTest(name):
                failure = self.fail_of(provider, answer)
                self.assertIs(type(failure), expected, failure)
                self.assertIn(told, str(failure))
                self.assertNotIn(KEY, "".join(traceback.format_exception(failure)))

    def test_what_openai_answers_is_told_apart(self) -> None:
        self.check("openai", OPENAI)

    def test_what_anthropic_answers_is_told_apart(self) -> None:
        self.check("anthropic", ANTHROPIC)

    def test_every_error_of_the_tree_can_happen(self) -> None:
        told = {error for _, error, _ in (*OPENAI.values(), *ANTHROPIC.values())}
        leaves = {leaf for leaf in _leaves(LlmError) if leaf.__module__ == errors.__name__}
        elsewhere = {errors.LlmKeyMissingError, errors.LlmBudgetError, errors.LlmUnreachableError}
        self.assertEqual(leaves - told, elsewhere)

    def test_a_server_that_is_not_there_is_named_with_its_address(self) -> None:
        with ScriptedServer(Scripted(chat(GOOD))) as server:
            url = server.url
        with tempfile.TemporaryDirectory() as folder:
            for provider in ("openai", "anthropic"):
                model = model_at(url, Path(folder), provider=provider, patience=ONCE)
                with self.assertRaisesRegex(errors.LlmUnreachableError, f"{url}.*CGP_{provider.upper()}_BASE_URL"):
                    model.ask(PROMPT, GivenTags)

    def test_a_password_in_the_address_is_told_to_nobody(self) -> None:
        answer = Scripted(openai_error(None, "no such host as //ann:secret-word@host"), 404)
        with ScriptedServer(answer) as server, tempfile.TemporaryDirectory() as folder:
            model = model_at(server.url.replace("//", "//ann:secret-word@"), Path(folder), patience=ONCE)
            with self.assertRaises(errors.LlmRequestError) as caught:
                model.ask(PROMPT, GivenTags)
        self.assertNotIn("secret-word", str(caught.exception))

    def test_hosted_models_need_a_key_and_the_error_says_which_setting(self) -> None:
        with self.assertRaisesRegex(errors.LlmKeyMissingError, "CGP_OPENAI_API_KEY"):
            load_provider("openai", LlmSettings())
        with self.assertRaisesRegex(errors.LlmKeyMissingError, "CGP_ANTHROPIC_API_KEY"):
            load_provider("anthropic", LlmSettings())

    def test_a_local_server_needs_no_key(self) -> None:
        self.assertEqual(load_provider("openai", LlmSettings(openai_base_url="http://127.0.0.1:1/v1")).name, "openai")

    def test_no_log_line_holds_the_key_even_at_the_lowest_level(self) -> None:
        answer = OPENAI["a bad key"][0]
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger().debug("so that there is a line")
            self.fail_of("openai", answer)
        self.assertNotIn(KEY, "\n".join(logs.output))


def _leaves(cls: type) -> set[type]:
    below = cls.__subclasses__()
    return {cls} if not below else set().union(*map(_leaves, below))


if __name__ == "__main__":
    unittest.main()

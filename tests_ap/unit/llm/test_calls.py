"""One policy around every call: attempts, what servers ask to wait, slots, the cache, the request that is sent."""

import json
import os
import tempfile
import threading
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from unittest import mock

from conversation_genome.engines.llm.answers import GivenTags
from conversation_genome.errors import LlmAnswerError, LlmBusyError, LlmServerError, LlmTimeoutError
from conversation_genome.llm.calls import Patience, within
from conversation_genome.llm.retry_after import retry_after_seconds
from tests_ap.unit.llm.rig import model_at
from tests_ap.unit.llm.scripted_server import (
    GOOD,
    KEY,
    PROMPT,
    Scripted,
    ScriptedServer,
    chat,
    claude,
    openai_error,
)

BUSY = Scripted(openai_error("rate_limit_exceeded", "Slow down"), 429)
BROKEN = Scripted(openai_error(None, "oops", "server_error"), 503)
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class CallsTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def serve(self, *script: Scripted) -> ScriptedServer:
        return self.enterContext(ScriptedServer(*script))

    def test_what_passes_is_tried_again_until_it_has_passed(self) -> None:
        server = self.serve(BUSY, BROKEN, Scripted(chat(GOOD)))
        model = model_at(server.url, self.folder)
        self.assertEqual(model.ask(PROMPT, GivenTags).tags[0].text, "oak frames")
        self.assertEqual((model.counters.requests, model.counters.failed), (3, 2))

    def test_the_sdk_does_not_try_again_on_its_own(self) -> None:
        server = self.serve(BROKEN)
        with self.assertRaises(LlmServerError):
            model_at(server.url, self.folder, patience=Patience(attempts=1)).ask(PROMPT, GivenTags)
        self.assertEqual(len(server.asked), 1)

    def test_the_last_failure_is_told_when_the_attempts_are_used_up(self) -> None:
        server = self.serve(BROKEN, BROKEN, BUSY)
        with self.assertRaises(LlmBusyError):
            model_at(server.url, self.folder).ask(PROMPT, GivenTags)
        self.assertEqual(len(server.asked), 3)

    def test_what_cannot_pass_is_not_tried_again(self) -> None:
        server = self.serve(Scripted(chat("no JSON")))
        with self.assertRaises(LlmAnswerError):
            model_at(server.url, self.folder).ask(PROMPT, GivenTags)
        self.assertEqual(len(server.asked), 1)

    def test_the_next_attempt_waits_as_long_as_the_server_asks(self) -> None:
        busy = Scripted(BUSY.body, 429, {"retry-after": "1"})
        model = model_at(self.serve(busy, Scripted(chat(GOOD))).url, self.folder)
        started = time.monotonic()
        model.ask(PROMPT, GivenTags)
        self.assertGreaterEqual(time.monotonic() - started, 1.0)

    def test_the_next_attempt_waits_until_the_date_that_the_server_names(self) -> None:
        later = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
        busy = Scripted(
            {"type": "error", "error": {"type": "rate_limit_error", "message": ""}}, 429, {"retry-after": later}
        )
        model = model_at(self.serve(busy, Scripted(claude(GOOD))).url, self.folder, provider="anthropic")
        started = time.monotonic()
        model.ask(PROMPT, GivenTags)
        self.assertGreater(time.monotonic() - started, 0.5)

    def test_a_wait_that_the_call_has_no_time_for_is_not_begun(self) -> None:
        server = self.serve(Scripted(BUSY.body, 429, {"retry-after": "3600"}))
        with self.assertRaises(LlmBusyError):
            model_at(server.url, self.folder).ask(PROMPT, GivenTags)
        self.assertEqual(len(server.asked), 1)

    def test_retry_after_is_read_in_every_form_it_may_have(self) -> None:
        date = format_datetime(NOW + timedelta(seconds=90), usegmt=True)
        past = format_datetime(NOW - timedelta(seconds=90), usegmt=True)
        cases: list[tuple[dict[str, str], float | None]] = [
            ({"retry-after": "7"}, 7.0),
            ({"retry-after": date}, 90.0),
            ({"retry-after": past}, 0.0),
            ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
            ({"retry-after": "soon"}, None),
            ({"retry-after": "-1"}, None),
            ({"retry-after": "nan"}, None),
            ({}, None),
        ]
        for headers, expected in cases:
            with self.subTest(headers):
                self.assertEqual(retry_after_seconds(headers, NOW), expected)

    def test_no_more_calls_run_at_once_than_there_are_slots(self) -> None:
        server = self.serve(Scripted(chat(GOOD), seconds=0.15))
        model = model_at(server.url, self.folder, at_once=2)
        prompts = [PROMPT.model_copy(update={"user": str(number)}) for number in range(6)]
        started = time.monotonic()
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda prompt: model.ask(prompt, GivenTags), prompts))
        self.assertGreaterEqual(time.monotonic() - started, 3 * 0.15)

    def test_a_function_that_takes_too_long_is_left_behind(self) -> None:
        released = threading.Event()
        with self.assertRaises(LlmTimeoutError):
            within(0.01, "a model", lambda: released.wait(5))
        released.set()

    def test_what_a_function_raises_is_raised_where_it_was_called(self) -> None:
        with self.assertRaises(ZeroDivisionError):
            within(1, "a model", lambda: 1 // 0)

    def test_a_second_question_of_the_same_words_sends_nothing(self) -> None:
        server = self.serve(Scripted(chat(GOOD)))
        first = model_at(server.url, self.folder, keeps=True).ask(PROMPT, GivenTags)
        again = model_at(server.url, self.folder, keeps=True)
        self.assertEqual(again.ask(PROMPT, GivenTags), first)
        self.assertEqual((len(server.asked), again.cached, again.counters.requests), (1, 1, 0))

    def test_whatever_shapes_an_answer_is_part_of_what_it_is_kept_under(self) -> None:
        server = self.serve(Scripted(chat(GOOD)))
        changes: list[dict[str, object]] = [
            {"version": "test-2"},
            {"user": "other data"},
            {"system": "other words"},
            {"json_schema": {"type": "object"}},
            {"max_output_tokens": 99},
        ]
        for change in [{}, *changes]:
            model_at(server.url, self.folder, keeps=True).ask(PROMPT.model_copy(update=change), GivenTags)
        for other in ({"openai_model": "another"}, {"llm_temperature": 0.5}, {"openai_answer_form": "json_object"}):
            model_at(server.url, self.folder, keeps=True, **other).ask(PROMPT, GivenTags)
        self.assertEqual(len(server.asked), 1 + len(changes) + 3)

    def test_an_answer_that_cannot_be_used_is_not_kept(self) -> None:
        server = self.serve(Scripted(chat("no JSON")), Scripted(chat(GOOD)))
        model = model_at(server.url, self.folder, keeps=True)
        with self.assertRaises(LlmAnswerError):
            model.ask(PROMPT, GivenTags)
        self.assertEqual(model.ask(PROMPT, GivenTags).tags[0].text, "oak frames")


class RequestTest(unittest.TestCase):
    def sent(self, reply: object, *, provider: str = "openai", **settings: object) -> dict[str, object]:
        with ScriptedServer(Scripted(reply)) as server, tempfile.TemporaryDirectory() as folder:
            model = model_at(server.url, Path(folder), provider=provider, **settings)
            self.assertEqual(model.ask(PROMPT, GivenTags).tags[0].text, "oak frames")
            (asked,) = server.asked
        self.headers, self.path = asked.headers, asked.path
        return asked.body

    def test_openai_is_held_to_the_schema(self) -> None:
        body = self.sent(chat(GOOD))
        form = {"name": "tags", "schema": PROMPT.json_schema, "strict": True}
        self.assertEqual(body["response_format"], {"type": "json_schema", "json_schema": form})
        self.assertEqual((self.path, self.headers["authorization"]), ("/v1/chat/completions", f"Bearer {KEY}"))
        self.assertEqual(body["max_tokens"], 100)
        self.assertNotIn("temperature", body)

    def test_the_environment_of_the_sdk_changes_nothing(self) -> None:
        variables = {"OPENAI_ORG_ID": "org", "OPENAI_BASE_URL": "http://127.0.0.1:1", "OPENAI_API_KEY": "another"}
        with mock.patch.dict(os.environ, variables):
            self.sent(chat(GOOD))
        self.assertEqual(self.headers["authorization"], f"Bearer {KEY}")
        self.assertEqual([name for name in self.headers if name.startswith("openai-")], [])

    def test_a_server_with_json_mode_alone_is_told_the_schema(self) -> None:
        body = self.sent(chat(GOOD), openai_answer_form="json_object", llm_temperature=0.0)
        self.assertEqual(body["response_format"], {"type": "json_object"})
        self.assertIn(json.dumps(PROMPT.json_schema), str(body["messages"]))
        self.assertEqual(body["temperature"], 0.0)

    def test_a_server_with_tools_alone_is_made_to_call_one(self) -> None:
        call = {"id": "1", "type": "function", "function": {"name": "tags", "arguments": json.dumps(GOOD)}}
        body = self.sent(chat(None, finish="tool_calls", tools=[call]), openai_answer_form="tool")
        self.assertEqual(body["tool_choice"], {"type": "function", "function": {"name": "tags"}})

    def test_claude_is_held_to_the_schema_and_to_the_effort(self) -> None:
        body = self.sent(claude(GOOD), provider="anthropic", llm_effort="low")
        self.assertEqual(body["output_config"]["format"]["type"], "json_schema")
        self.assertEqual(body["output_config"]["effort"], "low")
        self.assertEqual((self.path, self.headers["authorization"]), ("/v1/messages", f"Bearer {KEY}"))


if __name__ == "__main__":
    unittest.main()

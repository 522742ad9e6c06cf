"""ScriptedServer: a real HTTP server on loopback that answers what a test wrote down, and remembers what it was asked."""

import json
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from conversation_genome.llm.base import Prompt

GOOD = {"tags": [{"text": "oak frames", "aspect": "topic"}]}
PROMPT = Prompt(
    version="test-1",
    system="Return tags.",
    user="data",
    schema_name="tags",
    json_schema={"type": "object", "properties": {}, "required": [], "additionalProperties": False},
    max_output_tokens=100,
)
KEY = "sk-test-0123456789abcdef"


@dataclass(frozen=True)
class Scripted:
    """One answer of the server."""

    body: Any
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    """Before it answers."""
    blanks: int = 0
    """Blanks that are sent first, one every 50 ms: a server that keeps a connection open while a model works."""


@dataclass(frozen=True)
class Asked:
    """One request that came in."""

    path: str
    headers: dict[str, str]
    body: dict[str, Any]


class ScriptedServer:
    """Answers the script in order, its last line for ever; a context manager."""

    def __init__(self, *script: Scripted) -> None:
        self._script = script
        self._lock = threading.Lock()
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _next(self, asked: Asked) -> Scripted:
        with self._lock:
            self.asked.append(asked)
            return self._script[min(len(self.asked), len(self._script)) - 1]

    def _handler(outer) -> type[BaseHTTPRequestHandler]:  # noqa: N805 -- the handler's own self is another
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                raw = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                answer = outer._next(Asked(self.path, headers, json.loads(raw)))
                time.sleep(answer.seconds)
                data = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                with suppress(BrokenPipeError, ConnectionResetError):  # the client did not wait
                    self._send(answer, data)

            def _send(self, answer: Scripted, data: bytes) -> None:
                self.send_response(answer.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(data) + answer.blanks))
                for name, value in answer.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                for _ in range(answer.blanks):
                    self.wfile.write(b" ")
                    time.sleep(0.05)
                self.wfile.write(data)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def chat(content: Any = None, *, finish: str = "stop", refusal: str | None = None, tools: Sequence[Any] = ()) -> Any:
    """Return a chat completion as OpenAI documents it."""
    text = content if content is None or isinstance(content, str) else json.dumps(content)
    message = {"role": "assistant", "content": text, "refusal": refusal}
    if tools:
        message["tool_calls"] = list(tools)
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1_750_000_000,
        "model": "some-model-2026-01-01",
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
        "usage": {"prompt_tokens": 30, "completion_tokens": 12, "total_tokens": 42},
    }


def openai_error(code: str | None, message: str, kind: str = "invalid_request_error") -> Any:
    """Return an error as OpenAI documents it."""
    return {"error": {"message": message, "type": kind, "param": None, "code": code}}


def claude(content: Any = None, *, stop: str = "end_turn") -> Any:
    """Return a message as Anthropic documents it."""
    text = content if isinstance(content, str) else json.dumps(content)
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": "claude-test",
        "content": [] if content is None else [{"type": "text", "text": text}],
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": {"input_tokens": 30, "output_tokens": 12},
    }


def anthropic_error(kind: str, message: str) -> Any:
    """Return an error as Anthropic documents it."""
    return {"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_1"}

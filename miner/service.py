"""`POST /v1/tasks`: who asks is established before what is asked is parsed, and everything is bounded."""

import asyncio
import time
from typing import Final

import structlog
from fastapi import FastAPI, Request, Response
from pydantic import ValidationError
from starlette.requests import ClientDisconnect

from conversation_genome import __version__
from conversation_genome.annotation import Hotkey
from conversation_genome.chain.admission import Admission
from conversation_genome.chain.base import Neuron
from conversation_genome.errors import (
    AuthenticationError,
    ChainError,
    ConversationGenomeError,
    InputError,
    LlmError,
    ModelUnavailableError,
    PermissionDeniedError,
    UnavailableError,
)
from conversation_genome.process import REQUEST_ID_HEADER, request_id_from
from conversation_genome.protocol.messages import MAX_TASK_BYTES, MinerTask, Problem
from conversation_genome.protocol.signing import NonceStore, sent_at_of, verify
from conversation_genome.tracing import span
from miner.answering import Answering, Made
from miner.behaviours import Behaviour
from miner.delays import Delays
from miner.history import History
from miner.metrics import MinerMetrics
from miner.queue import BusyError, StakeQueue

BODY_SECONDS: Final = 10.0
"""Time in which a task's bytes must have arrived."""
RETRY_SECONDS: Final = 5
"""What is told where nothing better is known."""
JSON: Final = "application/json"
_logger = structlog.get_logger(__name__)


class TaskTooLargeError(InputError):
    """The task holds more bytes than a miner reads."""

    code = "task_too_large"


class TaskTooSlowError(InputError):
    """The task's bytes did not arrive in time."""

    code = "task_too_slow"


STATUSES: Final[tuple[tuple[type[ConversationGenomeError], int], ...]] = (
    (TaskTooLargeError, 413),
    (TaskTooSlowError, 408),
    (InputError, 422),
    (AuthenticationError, 401),
    (PermissionDeniedError, 403),
    (ChainError, 503),
    (UnavailableError, 503),
    (ModelUnavailableError, 503),
    (LlmError, 503),
    (ConversationGenomeError, 500),
)
"""HTTP status by error; the first that fits."""


class MinerService:
    """Takes tasks from validators that hold a permit, and answers them, the largest stake first."""

    def __init__(
        self,
        hotkey: Hotkey,
        *,
        admission: Admission,
        nonces: NonceStore,
        behaviour: Behaviour,
        min_stake: float,
        room: int = 256,
        metrics: MinerMetrics | None = None,
    ) -> None:
        """Answer as this hotkey.

        Args:
            hotkey: The own hotkey: requests must be signed for it.
            admission: Who may ask.
            nonces: The requests that were taken.
            behaviour: What answers.
            min_stake: Stake that a validator must hold.
            room: Tasks that may wait; beyond it the smallest stake is turned away.
            metrics: What counts the tasks.
        """
        self._hotkey = hotkey
        self._admission = admission
        self._nonces = nonces
        self._behaviour = behaviour
        self._min_stake = min_stake
        self._metrics = metrics or MinerMetrics()
        self._answering = Answering(behaviour, room=room)
        self._delays = Delays()
        self.history = History()

    def app(self) -> FastAPI:
        """Return the HTTP application."""
        app = FastAPI(title="Conversation Genome miner", version=__version__, openapi_url=None)
        app.add_api_route("/v1/tasks", self.post_task, methods=["POST"], response_model=None)
        app.add_api_route("/healthz", self.get_health, methods=["GET"])
        return app

    def close(self) -> None:
        """Take no more tasks and let go of what the behaviour holds."""
        self._answering.close()
        self._behaviour.close()

    def reload(self, *, min_stake: float, room: int) -> None:
        """Take these, and the behaviour's concurrency as it is now, from the next task on."""
        self._min_stake = min_stake
        self._answering.changed(room=room)

    @property
    def queue(self) -> StakeQueue:
        """Who waits."""
        return self._answering.queue

    async def post_task(self, request: Request) -> Response:
        """Answer one task, or say in a Problem why not."""
        request_id = request_id_from(request.headers.get(REQUEST_ID_HEADER, ""))
        named = structlog.contextvars.bound_contextvars(request_id=request_id)
        with named, span("task", cgp__request_id=request_id):
            began = time.monotonic()
            response = await self._answered(request, request_id)
        response.headers[REQUEST_ID_HEADER] = request_id
        self._metrics.count_task(response.status_code, time.monotonic() - began)
        return response

    async def _answered(self, request: Request, request_id: str) -> Response:
        try:
            return await self._respond(request)
        except ConversationGenomeError as exc:
            status = next(status for kind, status in STATUSES if isinstance(exc, kind))
            _logger.info("Refused a task", status=status, reason=str(exc)[:300])
            self.history.refused(status, str(exc))
            if isinstance(exc, BusyError):
                self._metrics.turned_away.inc()
            return _problem(status, exc, request_id)
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:  # the edge: one task that fails must not be seen by the next
            _logger.exception("A task failed")
            return _problem(500, ConversationGenomeError("the miner failed on this task"), request_id)

    async def get_health(self) -> dict[str, str | int]:
        """Return who answers here and how busy it is."""
        return {
            "status": "ok",
            "version": __version__,
            "hotkey": self._hotkey,
            "tasks": self.queue.running + self.queue.waiting,
        }

    async def _respond(self, request: Request) -> Response:
        body = await _body(request)
        validator = await asyncio.to_thread(self._caller, request, body)
        task = _parsed(body)
        began = time.monotonic()
        elapsed = self._delays.delay(validator.hotkey, sent_at_of(request.headers), now=time.time())
        made = await self._made(task, validator, elapsed)
        seconds = time.monotonic() - began
        self._told(task, made, validator, seconds)
        answer = made.answer
        return Response(answer if isinstance(answer, bytes) else answer.model_dump_json().encode(), media_type=JSON)

    async def _made(self, task: MinerTask, validator: Neuron, elapsed_seconds: float) -> Made:
        self._look_at(self.queue)
        try:
            return await self._answering.answer(task, stake=validator.stake, elapsed_seconds=elapsed_seconds)
        finally:
            self._look_at(self.queue)

    def _told(self, task: MinerTask, made: Made, validator: Neuron, seconds: float) -> None:
        """Log, count and remember an answer."""
        answer = made.answer
        tags = 0 if isinstance(answer, bytes) else len(answer.tags)
        event = "Sent what is no answer" if isinstance(answer, bytes) else f"Mined {tags} tags"
        named = {"is_part": True} if made.is_part else {}
        _logger.info(
            event, task=task.task_id, lines=len(task.lines), validator=validator.uid, seconds=round(seconds, 3), **named
        )
        if made.is_part:
            self._metrics.parts.inc()
        self.history.answered(validator.uid, lines=len(task.lines), tags=tags, seconds=seconds, is_part=made.is_part)

    def _caller(self, request: Request, body: bytes) -> Neuron:
        hotkey = verify(
            request.headers,
            body,
            method=request.method,
            path=_target(request),
            receiver=self._hotkey,
            nonces=self._nonces,
        )
        return self._admission.admit(hotkey, needs_permit=True, min_stake=self._min_stake)

    def _look_at(self, queue: StakeQueue) -> None:
        self._metrics.tasks_in_hand.set(queue.running + queue.waiting)
        self._metrics.tasks_waiting.set(queue.waiting)


async def _body(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > MAX_TASK_BYTES:
        raise TaskTooLargeError(f"the task has {declared} bytes, {MAX_TASK_BYTES} are read at most")
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            async for chunk in request.stream():
                received += chunk
                if len(received) > MAX_TASK_BYTES:
                    raise TaskTooLargeError(f"the task has more than the {MAX_TASK_BYTES} bytes that are read at most")
    except TimeoutError as exc:
        raise TaskTooSlowError(f"the task did not arrive within {BODY_SECONDS:g} s") from exc
    return bytes(received)


def _target(request: Request) -> str:
    """Return path and query exactly as they were sent."""
    query = request.scope["query_string"].decode("latin-1")
    path: str = request.scope["raw_path"].decode("latin-1")
    return f"{path}?{query}" if query else path


def _parsed(body: bytes) -> MinerTask:
    try:
        task = MinerTask.model_validate_json(body)
    except ValidationError as exc:
        fault = exc.errors(include_url=False)[0]
        path = ".".join(map(str, fault["loc"])) or "the body"
        raise InputError(
            f"{path}: {fault['msg']} (protocol version {MinerTask.model_fields['protocol_version'].default})"
        ) from exc
    for number, (speaker, _) in enumerate(task.lines):
        if speaker >= len(task.participants):
            raise InputError(
                f"lines.{number} names speaker {speaker}, but there are {len(task.participants)} participants"
            )
    return task


def _problem(status: int, exc: ConversationGenomeError, request_id: str) -> Response:
    after = exc.retry_after_seconds if isinstance(exc, BusyError) else RETRY_SECONDS
    headers = {"Retry-After": str(after)} if status == 503 else {}
    problem = Problem(code=exc.code, message=str(exc), request_id=request_id)
    return Response(problem.model_dump_json(), status_code=status, media_type=JSON, headers=headers)

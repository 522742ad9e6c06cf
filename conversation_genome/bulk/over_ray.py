"""The pieces as a Ray Data pipeline: an actor a processor, with its models loaded once. The only module that knows Ray."""

import logging
import os
import socket
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from conversation_genome.bulk.pieces import Piece
from conversation_genome.bulk.shard import Receipt
from conversation_genome.bulk.worker import Job, Worker
from conversation_genome.errors import InputError, UnavailableError

OBJECT_STORE_BYTES: Final = 100 * 2**20
"""Of a cluster that is started here: only pieces' names and receipts go through it."""
CONNECT_SECONDS: Final = 10.0
MAX_PORT: Final = 65_535
MAX_BLOCKS: Final = 10_000
"""Of pieces that travel together where there are more."""
_HERE_ALONE: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    "RAY_BACKEND_LOG_LEVEL": "fatal",
}
"""Nothing is reported to anybody, everything listens on the loopback address alone, and only this program speaks."""


class OverRay:
    """Has the shards made by the actors of a Ray cluster: one that is there, or one that lives as long as the run."""

    def __init__(self, address: str | None, workers: int | None) -> None:
        """Know the cluster.

        Args:
            address: Of a cluster that runs; None starts one on this machine.
            workers: Actors; as many as the cluster has processors, if None.

        Raises:
            InputError: If Ray is not installed.
        """
        self._address = address
        self._workers = workers
        self._words = "ray"
        self._ray = _installed()

    def describe(self) -> str:
        """Return what makes the shards: workers and machines, once it has begun."""
        return self._words

    def receipts(self, job: Job, worker: Worker, pieces: Sequence[Piece]) -> Iterator[Receipt]:  # noqa: ARG002
        """Yield the receipts as they come.

        Raises:
            UnavailableError: If there is no cluster at the address, or a worker could not go on.
        """
        with self._cluster():
            workers = self._workers or max(1, int(self._ray.cluster_resources().get("CPU", 1)))
            self._words = f"ray, {_counted(workers, 'worker')} on {_counted(len(self._alive()), 'node')}"
            try:
                for row in self._dataset(job, pieces, min(workers, len(pieces))).iter_rows():
                    yield Receipt.model_validate_json(row["receipt"])
            except self._ray.exceptions.RayError as exc:
                raise UnavailableError(f"a worker could not go on: {_cause(exc)}; the same command goes on") from exc

    def _dataset(self, job: Job, pieces: Sequence[Piece], workers: int) -> Any:
        from ray import data  # noqa: PLC0415 - loaded when it is used

        context = data.DataContext.get_current()
        context.enable_progress_bars = False
        for name in ("ray.data", "ray"):
            logging.getLogger(name).setLevel(logging.ERROR)
        rows = [{"piece": piece.model_dump_json()} for piece in pieces]
        return data.from_items(rows, override_num_blocks=min(len(rows), MAX_BLOCKS)).map(
            Actor,  # type: ignore[arg-type]  # Ray's stubs know functions alone
            fn_constructor_args=(job.model_dump_json(),),
            compute=data.ActorPoolStrategy(size=workers),
            num_cpus=1,
        )

    def _alive(self) -> list[Any]:
        return [node for node in self._ray.nodes() if node["Alive"]]

    @contextmanager
    def _cluster(self) -> Iterator[None]:
        """Join the cluster, or start one; leave it, or stop it, at the end."""
        with ExitStack() as stack:
            options: dict[str, Any] = {"address": self._address}
            if self._address is None:
                folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="cgp-ray-", ignore_cleanup_errors=True))
                options = {
                    "address": "local",
                    "num_cpus": self._workers,
                    "include_dashboard": False,
                    "object_store_memory": OBJECT_STORE_BYTES,
                    "_temp_dir": str(Path(folder).resolve()),
                }
            else:
                _refuse_silence(self._address)
            try:
                with _standard_error_closed():  # it would tell that it shall tell nothing
                    self._ray.init(log_to_driver=False, logging_level=logging.ERROR, **options)
            except (ConnectionError, RuntimeError, ValueError, self._ray.exceptions.RayError) as exc:
                where = f"at {self._address!r}" if self._address else "on this machine"
                raise UnavailableError(
                    f"no Ray cluster answers {where} ({_cause(exc)}); check `ray status` there"
                ) from exc
            stack.callback(self._ray.shutdown)
            yield


class Actor:
    """What runs in a process of the cluster."""

    def __init__(self, job: str) -> None:
        """Load the models."""
        self._worker = Worker(Job.model_validate_json(job))

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Make a shard."""
        return {"receipt": self._worker.make(Piece.model_validate_json(row["piece"])).model_dump_json()}


def _refuse_silence(address: str) -> None:
    """Ask whether anybody listens at HOST:PORT: Ray itself would ask for many minutes.

    Raises:
        InputError: If it is no address.
        UnavailableError: If nobody does.
    """
    if address == "auto":
        return
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal() or int(port) > MAX_PORT:
        raise InputError(f"--address {address!r} is no address; write HOST:PORT, or auto")
    try:
        socket.create_connection((host, int(port)), timeout=CONNECT_SECONDS).close()
    except OSError as exc:
        raise UnavailableError(f"no Ray cluster answers at {address!r} ({exc}); check `ray status` there") from exc


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Let nothing through to standard error, from whatever library it comes; what is raised is raised."""
    kept = os.dup(2)
    try:
        with Path(os.devnull).open("w") as nowhere:
            os.dup2(nowhere.fileno(), 2)
            yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _installed() -> ModuleType:
    os.environ.update({name: value for name, value in _HERE_ALONE.items() if name not in os.environ})
    try:
        import ray  # noqa: PLC0415 - an optional extra
    except ModuleNotFoundError as exc:
        raise InputError(
            "--workers and --address need Ray, which is not installed: pip install 'conversation-genome[bulk]'; "
            "without them one process does the same work"
        ) from exc
    return ray


def _cause(exc: BaseException) -> str:
    lines = [line.strip() for line in str(exc).splitlines() if line.strip()]
    return (lines[-1] if lines else type(exc).__name__)[:300]


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

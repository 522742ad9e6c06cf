"""One SDK client on an event loop of its own: used from any thread, every call ends in time, every error is ours.

The SDK connects again by itself at the call that follows a lost connection, and goes through the fallback
endpoints as it does; what it sends it never sends twice. An endpoint that takes calls and does not answer is left
after the first of them: the next call goes to the next endpoint.
"""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, Final, TypeVar

from bittensor import result as sdk
from bittensor.client import Client
from bittensor.error_map import ErrorCode
from bittensor.settings import default_fallback_endpoints, resolve_endpoint

from conversation_genome.errors import (
    ChainError,
    ChainUnavailableError,
    NotRegisteredError,
    PermissionDeniedError,
    RateLimitedError,
    RuntimeChangedError,
)

T = TypeVar("T")
READ_SECONDS: Final = 60.0
CLOSE_SECONDS: Final = 5.0
CANCEL_SECONDS: Final = 0.25

_BY_CODE: Final[dict[ErrorCode, type[ChainError | PermissionDeniedError]]] = {
    ErrorCode.RATE_LIMITED: RateLimitedError,
    ErrorCode.NOT_REGISTERED: NotRegisteredError,
    ErrorCode.NOT_AUTHORIZED: PermissionDeniedError,
}


def endpoints_of(network: str, fallback_endpoints: Sequence[str] = ()) -> tuple[str, ...]:
    """Return the URLs of a network in the order in which they are tried.

    Args:
        network: `test`, `finney` or a ws:// URL.
        fallback_endpoints: Those after the first; none for the public ones that the SDK knows of this network.

    Raises:
        ChainError: If there is no such network.
    """
    try:
        label, endpoint = resolve_endpoint(network)
    except ValueError as exc:
        raise ChainError(
            f"CGP_SUBTENSOR_NETWORK={network!r} is no network: {exc}; or `local` for the ledger on this machine"
        ) from exc
    return tuple(dict.fromkeys((endpoint, *(fallback_endpoints or default_fallback_endpoints(label)))))


class Connection:
    """Runs asynchronous work of the SDK for callers that block."""

    def __init__(self, network: str, fallback_endpoints: Sequence[str] = ()) -> None:
        """Prepare a client; nothing is connected before the first call.

        Args:
            network: `test`, `finney` or a ws:// URL.
            fallback_endpoints: URLs that are tried in turn when the first does not answer; none for the public ones
                that the SDK knows of this network.

        Raises:
            ChainError: If there is no such network.
        """
        self.network = network
        self._endpoints = list(endpoints_of(network, fallback_endpoints))
        self._client = self._new_client()
        self._loop = asyncio.new_event_loop()
        self._connecting = asyncio.Lock()
        self._is_connected = False
        self._leaving: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, name="chain", daemon=True)
        self._thread.start()

    def call(self, work: Callable[[Client], Awaitable[T]], *, seconds: float = READ_SECONDS) -> T:
        """Return what the work yields, connected first where that is needed.

        Raises:
            ChainUnavailableError: If no endpoint answers, or not in this time.
            RuntimeChangedError: If the runtime lacks what is read.
            ChainError: If the chain refuses; its subclass or PermissionDeniedError says why where that is known.
        """

        async def connected() -> T:
            async with self._connecting:
                if not self._is_connected:
                    await self._client.connect()
                    self._is_connected = True
                client = self._client
            return await work(client)

        with _our_errors(self.network):
            try:
                return self._run(connected(), seconds)
            except TimeoutError:
                self._run(self._leave_endpoint(), CLOSE_SECONDS)
                raise

    def close(self) -> None:
        """Disconnect; no call may follow."""
        if self._loop.is_closed():
            return
        with suppress(TimeoutError):
            self._run(self._disconnect(), CLOSE_SECONDS)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(CLOSE_SECONDS)
        if not self._loop.is_running():
            self._loop.close()

    def _new_client(self) -> Client:
        return Client(self._endpoints[0], fallback_endpoints=self._endpoints[1:])

    async def _leave_endpoint(self) -> None:
        """Let the next call begin at the next endpoint; what else waits for this one fails."""
        async with self._connecting:
            leaving = asyncio.create_task(self._client.close())
            self._leaving.add(leaving)
            leaving.add_done_callback(self._leaving.discard)
            self._endpoints.append(self._endpoints.pop(0))
            self._client, self._is_connected = self._new_client(), False

    async def _disconnect(self) -> None:
        """Close the client, and end what it leaves running.

        Python 3.11 loses a cancellation that meets an answer in `asyncio.wait_for`, for which the SDK would wait for
        ever (github.com/python/cpython, issue 86296): its tasks are then cancelled once more.
        """
        closing = asyncio.create_task(self._client.close())
        await asyncio.wait({closing, *self._leaving}, timeout=CANCEL_SECONDS)
        left = asyncio.all_tasks() - {asyncio.current_task(), closing}
        for task in left:
            task.cancel()
        await asyncio.gather(closing, *left, return_exceptions=True)

    def _run(self, work: Coroutine[Any, Any, T], seconds: float) -> T:
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result(seconds)
        except TimeoutError as exc:
            future.cancel()
            raise TimeoutError(f"no answer within {seconds:g} s") from exc


def refusal(error: sdk.ChainError) -> ChainError | PermissionDeniedError:
    """Return the chain's refusal as an error of this project."""
    kind = _BY_CODE.get(error.code, ChainError)
    name = f" ({error.name})" if error.name else ""
    return kind(f"the chain refuses{name}: {error.message}")


@contextmanager
def _our_errors(network: str) -> Iterator[None]:
    try:
        yield
    except (sdk.RpcConnectionError, sdk.ConnectionNotReady, OSError) as exc:  # TimeoutError is an OSError
        raise ChainUnavailableError(
            f"the chain cannot be reached at {network!r} ({exc}): it is tried again at the next call; "
            "CGP_SUBTENSOR_FALLBACK_ENDPOINTS names others to try"
        ) from exc
    except sdk.ChainError as exc:
        raise refusal(exc) from exc
    except sdk.BittensorError as exc:
        raise ChainError(f"the Bittensor SDK refuses: {exc}") from exc
    except (ValueError, LookupError, TypeError, AttributeError) as exc:
        raise RuntimeChangedError(
            f"the runtime of {network!r} is not one that this version reads ({type(exc).__name__}: {exc}): "
            "scores go on, weights stay as they are; update this program"
        ) from exc

"""ConversationServerClient: what a validator asks of the conversation server, every request signed."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, Self

from conversation_genome.annotation import GroundTruth, Hotkey
from conversation_genome.client.transport import TIMEOUT_SECONDS, Transport, read, target
from conversation_genome.errors import UnavailableError
from conversation_genome.process import REQUEST_ID_HEADER
from conversation_genome.protocol.messages import Bundle, LeaseRequest, LeaseStatus, Message, Receipt, Submission
from conversation_genome.protocol.signing import Signer
from conversation_genome.tracing import trace_headers


class ConversationServerClient:
    """A validator's side of the lease protocol; safe to use from many tasks of one event loop.

    Every method raises the class of this project's errors that the server names, and UnavailableError when
    the server cannot be reached even at the second try.
    """

    def __init__(
        self,
        base_url: str,
        signer: Signer,
        server_hotkey: Hotkey,
        *,
        timeout_seconds: float = TIMEOUT_SECONDS,
        asgi_app: Callable[..., Any] | None = None,
    ) -> None:
        """Prepare a client.

        Args:
            base_url: Where the server answers, such as `http://127.0.0.1:8000`.
            signer: The validator's hotkey.
            server_hotkey: The only hotkey that may accept these requests.
            timeout_seconds: For each step of a request; all of it, a second try included, has twice that.
            asgi_app: The server itself, in the same process (tests).
        """
        self._transport = Transport(base_url, timeout_seconds=timeout_seconds, asgi_app=asgi_app)
        self._whole_seconds = 2 * timeout_seconds
        self._signer = signer
        self._receiver = server_hotkey

    async def lease(
        self, *, holding: Sequence[str] = (), task_types: Sequence[str] = ("conversation_tagging",)
    ) -> Bundle | None:
        """Return the next conversation and its windows, or None while there is nothing to do.

        Args:
            holding: Lease ids that are being worked on; a lease that is held and not named comes back first.
            task_types: Kinds of work that this validator can do.
        """
        request = LeaseRequest(holding=tuple(holding), task_types=tuple(task_types))
        body = await self._send("POST", target("leases"), request)
        return None if body is None else read(Bundle, body)

    async def renew(self, lease_id: str) -> LeaseStatus:
        """Hold a lease for another full term, counted from now.

        Raises:
            LeaseExpiredError: If it ran out before.
            LeaseHeldByAnotherError: If it is another validator's.
            LeaseNotFoundError: If there is none with this id.
        """
        return read(LeaseStatus, await self._send("POST", target("leases", lease_id, "renew"), of=lease_id))

    async def release(self, lease_id: str, *, reason: str = "") -> LeaseStatus:
        """Give a lease back: the conversation is handed out again at once.

        Args:
            lease_id: The lease.
            reason: What is wrong with the conversation; after several in a row it is handed out no more.

        Raises:
            LeaseExpiredError: If it ran out before.
            LeaseHeldByAnotherError: If it is another validator's.
            LeaseNotFoundError: If there is none with this id.
        """
        path = target("leases", lease_id, reason=reason[:300] or None)
        return read(LeaseStatus, await self._send("DELETE", path, of=lease_id))

    async def put_ground_truth(self, lease_id: str, ground_truth: GroundTruth) -> LeaseStatus:
        """Store what is held true; the same again changes nothing.

        Raises:
            InputError: If a level-2 window is not covered, or answers were already scored against another one.
            LeaseError: As in `renew`.
        """
        body = ground_truth.model_dump_json().encode()
        path = target("leases", lease_id, "ground-truth")
        return read(LeaseStatus, await self._send("PUT", path, body, of=lease_id))

    async def submit(self, submission: Submission) -> Receipt:
        """Hand in one miner's answer to one window; handing it in again returns the first receipt.

        Raises:
            InputError: If there is no ground truth yet or the window is not in the bundle.
            LeaseError: As in `renew`.
        """
        return read(Receipt, await self._send("POST", target("submissions"), submission, of=submission.lease_id))

    async def complete(self, lease_id: str) -> LeaseStatus:
        """End a lease: rewards are divided and the conversation is merged and published.

        Raises:
            InputError: If a level-2 window has no submission.
            LeaseError: As in `renew`.
        """
        return read(LeaseStatus, await self._send("POST", target("leases", lease_id, "complete"), of=lease_id))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._transport.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _send(self, method: str, path: str, body: Message | bytes = b"", *, of: str = "") -> bytes | None:
        """Send a request; that of a lease has the lease's id for a request id, so that both logs name it."""
        raw = body if isinstance(body, bytes) else body.model_dump_json().encode()

        def headers() -> dict[str, str]:
            signed = self._signer.headers(method=method, path=path, body=raw, receiver=self._receiver)
            named = {REQUEST_ID_HEADER: of} if of else {}
            return {**signed, **named, **trace_headers(), "content-type": "application/json"}

        try:
            async with asyncio.timeout(self._whole_seconds):  # for a server that sends a byte now and then
                return await self._transport.send(method, path, body=raw, headers=headers)
        except TimeoutError as exc:
            raise UnavailableError(f"{method} {path} was not answered within {self._whole_seconds:g} s") from exc

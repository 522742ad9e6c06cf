"""Who sent this request: signed with a hotkey (btauth/1), verified once, never taken twice.

The only module that imports the Bittensor SDK's keys and its `http_auth`; its client belongs to `chain.bittensor`. A signature covers method, path
with query, the hash of the raw body, a nonce, sender and receiver; it is good for 10 s back and 2 s ahead
(the SDK's documentation, "Signed requests").
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Protocol, Self

from bittensor import http_auth
from bittensor.keyfiles import Keypair
from bittensor.sp_core import KeyfileError, WrongPasswordError
from bittensor.wallet import Wallet
from bittensor.wallets import is_bittensor_address

from conversation_genome.annotation import Hotkey
from conversation_genome.errors import AuthenticationError, SettingsError

FRESHNESS_SECONDS: Final = http_auth.DEFAULT_MAX_AGE + http_auth.DEFAULT_ALLOWED_SKEW
"""How long one nonce can be used at most: what a store must keep it for."""


_CLOCK_SET_BACK_NS: Final = 10**9
"""Nonces ahead of the clock by more come of a clock that was set back: counted on from there, all would be refused."""


class Signer:
    """A hotkey that signs requests; each request gets a nonce of its own."""

    def __init__(self, keypair: Keypair, *, clock: Callable[[], int] = time.time_ns) -> None:
        """Keep the key.

        Args:
            keypair: What signs.
            clock: Nanoseconds since 1970.
        """
        self._keypair = keypair
        self._clock = clock
        self._lock = threading.Lock()
        self._last_nonce = 0

    @classmethod
    def from_uri(cls, uri: str) -> Self:
        """Return the signer of a development key such as `//Alice`: known to everybody, for tests alone."""
        return cls(Keypair.create_from_uri(uri))

    @property
    def hotkey(self) -> Hotkey:
        """The ss58 address."""
        return Hotkey(self._keypair.ss58_address)

    @property
    def keypair(self) -> Keypair:
        """The key itself, with which the SDK signs what the chain adapter sends."""
        return self._keypair

    def headers(self, *, method: str, path: str, body: bytes, receiver: Hotkey) -> dict[str, str]:
        """Return the headers that prove who sends this request; sign anew for every retry.

        Args:
            method: The HTTP method.
            path: The request target exactly as it is sent, `?query` included.
            body: The raw body, empty for none.
            receiver: The hotkey that is asked; nobody else accepts the request.
        """
        return http_auth.sign(
            self._keypair, method=method, path=path, body=body, receiver_ss58=receiver, nonce_ns=self._next_nonce()
        )

    def _next_nonce(self) -> int:
        with self._lock:
            now = self._clock()
            is_set_back = self._last_nonce - now > _CLOCK_SET_BACK_NS
            self._last_nonce = now if is_set_back else max(self._last_nonce + 1, now)
            return self._last_nonce


class NonceStore(Protocol):
    """Remembers which nonces were used; a role that runs as several processes shares one."""

    @property
    def retention(self) -> float:
        """Seconds for which a nonce is remembered; at least FRESHNESS_SECONDS."""

    def check_and_store(self, hotkey: str, nonce: int, /) -> bool:
        """Return True and remember the pair if it is new, False if it was used before."""


class MemoryNonceStore:
    """A nonce store of one process. When it is full it accepts nothing, so that nothing can be replayed."""

    def __init__(self, retention: float = 15.0, max_entries: int = 200_000) -> None:
        self.retention = retention
        self._max_entries = max_entries
        self._seen: set[tuple[str, int]] = set()
        self._expiries: deque[tuple[float, tuple[str, int]]] = deque()
        self._lock = threading.Lock()

    def check_and_store(self, hotkey: str, nonce: int, /) -> bool:
        """Return True and remember the pair if it is new, False if it was used before.

        Raises:
            AuthenticationError: If more requests arrive than can be remembered.
        """
        now = time.monotonic()
        with self._lock:
            self._forget(now)
            if (hotkey, nonce) in self._seen:
                return False
            if len(self._seen) >= self._max_entries:
                raise AuthenticationError(
                    f"more than {self._max_entries} requests arrived within {self.retention:g} s; try again later"
                )
            self._seen.add((hotkey, nonce))
            self._expiries.append((now + self.retention, (hotkey, nonce)))
            return True

    def _forget(self, now: float) -> None:
        while self._expiries and self._expiries[0][0] <= now:
            self._seen.discard(self._expiries.popleft()[1])


def verify(
    headers: Mapping[str, str], body: bytes, *, method: str, path: str, receiver: Hotkey, nonces: NonceStore
) -> Hotkey:
    """Return the hotkey that signed this request for this receiver; its nonce is used up.

    Args:
        headers: As received; names in any case.
        body: The raw bytes as received, before any parsing.
        method: The HTTP method.
        path: The request target as received, `?query` included.
        receiver: The own hotkey.
        nonces: Written only after the signature holds.

    Raises:
        AuthenticationError: If the request does not prove who sent it, in one sentence.
        ValueError: If the store forgets nonces while they can still be used.
    """
    if nonces.retention < FRESHNESS_SECONDS:
        msg = (
            f"the nonce store keeps nonces for {nonces.retention:g} s, less than the {FRESHNESS_SECONDS:g} s they live"
        )
        raise ValueError(msg)
    try:
        caller = http_auth.verify(
            headers, body, method=method, path=path, self_hotkey_ss58=receiver, nonce_store=nonces
        )
    except http_auth.StaleRequest as exc:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        raise AuthenticationError(f"{exc}; the clock here reads {now}, set yours by NTP") from exc
    except (http_auth.AuthError, ValueError) as exc:
        raise AuthenticationError(f"the signature of the request is not accepted: {exc}") from exc
    return Hotkey(caller.hotkey_ss58)


def sent_at_of(headers: Mapping[str, str]) -> float:
    """Return when a request whose signature holds was sent, by its sender's clock: seconds since 1970."""
    return int(headers[http_auth.HEADER_NONCE]) / 1e9


def load_signer(wallet_path: Path, name: str, hotkey: str) -> Signer:
    """Return the signer of a hotkey that lies in the wallet folder.

    Raises:
        SettingsError: If there is no such hotkey or it cannot be read; names the file and the remedy.
    """
    wallet = _wallet(wallet_path, name, hotkey)
    file = wallet.hotkey_file.path
    if not Path(file).is_file():
        raise SettingsError(
            f"there is no hotkey at {file!r}: make one with `btcli wallet new-hotkey`, "
            "or set CGP_WALLET_PATH, CGP_WALLET_NAME and CGP_WALLET_HOTKEY to one that is there"
        )
    try:
        return Signer(wallet.get_hotkey())
    except (KeyfileError, WrongPasswordError, ValueError, OSError, EOFError) as exc:
        raise SettingsError(f"the hotkey at {file!r} cannot be read ({exc}): restore it from its mnemonic") from exc


def is_encrypted_hotkey(wallet_path: Path, name: str, hotkey: str) -> bool:
    """Return whether a hotkey that is there asks for a password.

    Raises:
        SettingsError: If its file cannot be read, or a name is none.
    """
    file = _wallet(wallet_path, name, hotkey).hotkey_file
    try:
        return bool(file.is_encrypted())
    except (KeyfileError, ValueError, OSError) as exc:
        raise SettingsError(f"the hotkey at {file.path!r} cannot be read: {exc}") from exc


def create_wallet(wallet_path: Path, name: str, hotkey: str) -> Signer:
    """Return the signer of this hotkey, made without a password if it is not there yet.

    The mnemonic is not shown and not kept: for a network on this machine, not for keys that hold value.

    Raises:
        SettingsError: If the folder cannot be written or a key that is there cannot be read.
    """
    wallet = _wallet(wallet_path, name, hotkey)
    try:
        with suppress(FileExistsError):  # another process made it first
            if not wallet.coldkeypub_file.exists_on_device():
                wallet.create_new_coldkey(use_password=False, suppress=True)
        with suppress(FileExistsError):
            if not wallet.hotkey_file.exists_on_device():
                wallet.create_new_hotkey(use_password=False, suppress=True)
    except OSError as exc:
        raise SettingsError(f"no wallet can be written to {str(wallet_path)!r}: {exc}") from exc
    return load_signer(wallet_path, name, hotkey)


def is_hotkey(text: str) -> bool:
    """Return whether the text is an ss58 address of Bittensor's format."""
    return is_bittensor_address(text)


def _wallet(wallet_path: Path, name: str, hotkey: str) -> Wallet:
    for setting, value in (("CGP_WALLET_NAME", name), ("CGP_WALLET_HOTKEY", hotkey)):
        if not value or value in (".", "..") or any(character in value for character in "/\\\0"):
            raise SettingsError(f"{setting}={value!r} is not a name: give one without slashes")
    return Wallet(name, hotkey, str(wallet_path.expanduser()))

"""What can be checked without a network: addresses, the wallet's files, the model, folders that must be writable."""

import hashlib
import os
import string
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from pydantic import SecretStr

from conversation_genome.configuration.llm_checks import asks_a_language_model, llm_faults
from conversation_genome.embedding.files import ModelFiles
from conversation_genome.errors import ModelUnavailableError
from conversation_genome.settings import MinerSettings, RoleSettings, ServerSettings, SettingFault, ValidatorSettings

LOCAL_NETWORK: Final = "local"
_USUAL_NETUIDS: Final = {"finney": 33, "test": 138}
_ANY_ADDRESS: Final = ("0.0.0.0", "::", "")
_BASE58: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_SS58_BYTES: Final = 35
"""One byte of prefix, 32 of public key, two of checksum."""


def offline_faults(settings: RoleSettings) -> list[SettingFault]:
    """Return what is missing or contradictory in a role's settings, the values themselves being readable."""
    faults = [*_network(settings), *_wallet(settings), *_models(settings), *llm_faults(settings)]
    if asks_a_language_model(settings):
        faults += _writable("CGP_LLM_FOLDER", settings.llm_folder)
    if isinstance(settings, MinerSettings):
        faults += _miner(settings)
    if isinstance(settings, ValidatorSettings):
        faults += _validator(settings)
    if isinstance(settings, ServerSettings):
        faults += _server(settings)
    return faults


def is_ss58_address(text: str) -> bool:
    """Tell whether a text is a Substrate account address with a correct checksum.

    Base58 of prefix, key and the first two bytes of blake2b-512("SS58PRE" + prefix + key): the SS58 format of
    Substrate's documentation, for one-byte prefixes such as Bittensor's 42.
    """
    if not text or set(text) - set(_BASE58):
        return False
    number = 0
    for character in text:
        number = number * len(_BASE58) + _BASE58.index(character)
    decoded = number.to_bytes((number.bit_length() + 7) // 8, "big")
    body, checksum = decoded[:-2], decoded[-2:]
    return len(decoded) == _SS58_BYTES and hashlib.blake2b(b"SS58PRE" + body).digest()[:2] == checksum


def _network(settings: RoleSettings) -> Iterator[SettingFault]:
    network = settings.subtensor_network
    if network == LOCAL_NETWORK:
        yield from _readable_file("CGP_LEDGER_PATH", settings.ledger_path, "`cgp local up` makes the local ledger")
    elif network not in _USUAL_NETUIDS and not network.startswith(("ws://", "wss://")):
        yield SettingFault(
            setting="CGP_SUBTENSOR_NETWORK",
            message=f"is {network!r}; write local, test, finney or a ws:// or wss:// URL",
        )
    swapped = {netuid for name, netuid in _USUAL_NETUIDS.items() if name != network}
    if network in _USUAL_NETUIDS and settings.netuid in swapped:
        yield SettingFault(
            setting="CGP_NETUID",
            message=f"is {settings.netuid}, but the subnet is {_USUAL_NETUIDS[network]} on {network}",
        )


def _wallet(settings: RoleSettings) -> Iterator[SettingFault]:
    wallet = settings.wallet_path.expanduser() / settings.wallet_name
    make = (
        f"make it with `btcli wallet create --wallet {settings.wallet_name} --wallet-hotkey {settings.wallet_hotkey}`"
    )
    if not wallet.is_dir():
        yield SettingFault(setting="CGP_WALLET_NAME", message=f"names a wallet that is not there ({wallet}); {make}")
    else:
        yield from _readable_file("CGP_WALLET_HOTKEY", wallet / "hotkeys" / settings.wallet_hotkey, make)


def _models(settings: RoleSettings) -> Iterator[SettingFault]:
    files = ModelFiles(settings.models_path)
    states = [path.stat() for path in files.every_file if path.is_file()]
    message = _model_fault(files.folder, tuple((state.st_mtime_ns, state.st_size) for state in states))
    if message:
        yield SettingFault(setting="CGP_MODELS_PATH", message=message)


@lru_cache(maxsize=8)
def _model_fault(models_path: Path, _as_of: tuple[tuple[int, int], ...]) -> str:
    """Return what is wrong with the exported model; its files are hashed once, however many roles ask."""
    try:
        ModelFiles(models_path).checked_manifest()
    except ModelUnavailableError as exc:
        return f"is {models_path}: {exc}"
    return ""


def _miner(settings: MinerSettings) -> Iterator[SettingFault]:
    if settings.miner_answer_log is not None:
        yield from _writable("CGP_MINER_ANSWER_LOG", settings.miner_answer_log)
    if settings.miner_behaviour != "honest" and settings.subtensor_network != LOCAL_NETWORK:
        message = (
            f"is {settings.miner_behaviour!r} on {settings.subtensor_network}; only `honest` is for a real network"
        )
        yield SettingFault(setting="CGP_MINER_BEHAVIOUR", message=message)
    is_hidden = not settings.miner_external_host and settings.miner_host in _ANY_ADDRESS
    if is_hidden and settings.subtensor_network != LOCAL_NETWORK:
        message = "is empty; give the public address at which validators reach this miner"
        yield SettingFault(setting="CGP_MINER_EXTERNAL_HOST", message=message)
    if settings.miner_behaviour == "copier" and settings.miner_copy_from is None:
        yield SettingFault(
            setting="CGP_MINER_COPY_FROM", message="is empty; a copier needs the answer log that it copies from"
        )


def _validator(settings: ValidatorSettings) -> Iterator[SettingFault]:
    yield from _http_url("CGP_SERVER_URL", settings.server_url)
    if not settings.server_hotkey:
        message = "is empty; ask the server's operator for its hotkey (ss58): requests are signed for it alone"
        yield SettingFault(setting="CGP_SERVER_HOTKEY", message=message)
    elif not is_ss58_address(settings.server_hotkey):
        message = f"is {settings.server_hotkey!r}, which is no ss58 address (48 letters and digits that begin with 5)"
        yield SettingFault(setting="CGP_SERVER_HOTKEY", message=message)
    yield from _writable("CGP_VALIDATOR_STATE_PATH", settings.validator_state_path)


def _server(settings: ServerSettings) -> Iterator[SettingFault]:
    if isinstance(settings.vector_store_place, Path):
        yield from _writable("CGP_SERVER_VECTOR_STORE_PATH", settings.vector_store_place)
    yield from _writable("CGP_SERVER_DATASET_PATH", settings.server_dataset_path)
    scheme, _, file = settings.server_database_url.partition(":///")
    if scheme.startswith("sqlite") and file:
        yield from _writable("CGP_SERVER_DATABASE_URL", Path(file))
    if not _is_sha256_or_empty(settings.server_admin_key_sha256):
        message = "is not 64 hexadecimal digits; it holds the SHA-256 of the key, not the key"
        yield SettingFault(setting="CGP_SERVER_ADMIN_KEY_SHA256", message=message)


def _is_sha256_or_empty(secret: SecretStr) -> bool:
    text = secret.get_secret_value()
    return not text or (len(text) == hashlib.sha256().digest_size * 2 and not set(text) - set(string.hexdigits))


def _http_url(name: str, url: str) -> Iterator[SettingFault]:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        yield SettingFault(setting=name, message=f"is {url!r}; write a URL such as http://127.0.0.1:8000")


def _readable_file(name: str, path: Path, remedy: str) -> Iterator[SettingFault]:
    if not path.is_file():
        yield SettingFault(setting=name, message=f"names a file that is not there ({path}); {remedy}")
    elif not os.access(path, os.R_OK):
        yield SettingFault(
            setting=name, message=f"names a file that may not be read ({path}); change its owner or mode"
        )


def _writable(name: str, path: Path) -> Iterator[SettingFault]:
    """Yield a fault unless the path, or the nearest folder above it that is there, may be written."""
    nearest = next((place for place in (path, *path.absolute().parents) if place.exists()), Path())
    is_folder_above = nearest != path
    if is_folder_above and not nearest.is_dir():
        yield SettingFault(setting=name, message=f"is {path}, but {nearest} is a file; name another place")
    elif not os.access(nearest, os.W_OK):
        yield SettingFault(
            setting=name, message=f"is {path}, but {nearest} may not be written; change its owner or mode"
        )

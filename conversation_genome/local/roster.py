"""Who takes part in a local subnet, and with which settings each of them is started."""

import hashlib
import secrets
import socket
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import cycle, islice
from typing import Final

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.local.layout import Layout
from conversation_genome.protocol.signing import create_wallet

NETUID: Final = Netuid(1)
HOST: Final = "127.0.0.1"
WALLET: Final = "local"
SERVER: Final = "server"
TEMPO_BLOCKS: Final = 10
BLOCK_SECONDS: Final = 0.5
VALIDATOR_STAKE: Final = 1_000.0
ANSWER_SECONDS: Final = 10.0
"""What a miner has for an answer: an honest one needs a tenth of a second, or seconds on a busy machine."""


@dataclass(frozen=True, slots=True)
class MinerKind:
    """One kind of miner, and the settings that make it."""

    name: str
    engine: str = "extractive"
    behaviour: str = "honest"
    max_tags: int = 12


KINDS: Final = (
    MinerKind("honest (deep)"),
    MinerKind("honest (light)", engine="extractive-light", max_tags=8),
    MinerKind("random", behaviour="random"),
    MinerKind("copier", behaviour="copier"),
    MinerKind("stuffer", behaviour="stuffer"),
    MinerKind("slow", behaviour="slow"),
    MinerKind("malformed", behaviour="malformed"),
)
"""In this order they fill the seats; more seats start over at the top."""


@dataclass(frozen=True, slots=True)
class Member:
    """One process of the subnet."""

    name: str
    module: str
    hotkey: Hotkey
    port: int
    settings: dict[str, object]
    kind: str = ""

    @property
    def url(self) -> str:
        """Where it serves."""
        return f"http://{HOST}:{self.port}"


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody who takes part, and the administrator's key of this run."""

    server: Member
    miners: tuple[Member, ...]
    validators: tuple[Member, ...]
    api_key: str

    @property
    def members(self) -> tuple[Member, ...]:
        """Everybody."""
        return (self.server, *self.miners, *self.validators)


def draw_up(layout: Layout, *, miners: int, validators: int, gradings: int = 1) -> Roster:
    """Return the roster, with fresh keys where there are none yet, everybody registered on the ledger.

    Args:
        layout: Where everybody's files lie.
        miners: How many there are.
        validators: How many there are.
        gradings: How many of them grade each conversation.
    """
    ports = iter(_free_ports(1 + miners + validators))
    api_key = secrets.token_urlsafe(24)
    server = _server(layout, next(ports), api_key, gradings)
    seats = [_miner(layout, index, kind, next(ports)) for index, kind in enumerate(islice(cycle(KINDS), miners))]
    judges = [_validator(layout, index, next(ports), server) for index in range(validators)]
    _register(layout, seats, judges)
    return Roster(server, tuple(seats), tuple(judges), api_key)


def _register(layout: Layout, miners: list[Member], validators: list[Member]) -> None:
    ledger = LocalLedger.create(layout.ledger, netuid=NETUID, tempo=TEMPO_BLOCKS, block_seconds=BLOCK_SECONDS)
    for member in validators:
        ledger.register(NETUID, member.hotkey, stake=VALIDATOR_STAKE)
    for member in miners:
        ledger.register(NETUID, member.hotkey, stake=0.0)


def _server(layout: Layout, port: int, api_key: str, gradings: int) -> Member:
    settings: dict[str, object] = {
        "server_host": HOST,
        "server_port": port,
        "server_database_url": f"sqlite+aiosqlite:///{layout.database.resolve()}",
        "server_vector_store_path": layout.vector_store.resolve(),
        "server_dataset_path": layout.dataset.resolve(),
        "server_admin_key_sha256": hashlib.sha256(api_key.encode()).hexdigest(),
        "server_public_reads": "true",
        "server_lease_seconds": 60,
        "server_validators_per_conversation": gradings,
    }
    return _member(layout, SERVER, "conversation_server", port, settings)


def _miner(layout: Layout, index: int, kind: MinerKind, port: int) -> Member:
    settings: dict[str, object] = {
        "miner_host": HOST,
        "miner_port": port,
        "miner_engine": kind.engine,
        "miner_behaviour": kind.behaviour,
        "miner_max_tags": kind.max_tags,
    }
    name = f"miner-{index}"
    if kind.behaviour == "honest":
        settings["miner_answer_log"] = layout.answer_log(name).resolve()
    if kind.behaviour == "copier":
        settings["miner_copy_from"] = layout.answer_log("miner-0").resolve()
    return _member(layout, name, "miner", port, settings, kind.name)


def _validator(layout: Layout, index: int, port: int, server: Member) -> Member:
    name = f"validator-{index}"
    settings: dict[str, object] = {
        "server_url": server.url,
        "server_hotkey": server.hotkey,
        "validator_host": HOST,
        "validator_port": port,
        "validator_timeout_seconds": ANSWER_SECONDS,
        "validator_windows_in_flight": 3,
        "validator_conversations_in_flight": 4,
        "validator_held_windows": 0,
        "validator_poll_seconds": 0.5,
        "validator_state_path": layout.validator_state(name).resolve(),
    }
    return _member(layout, name, "validators", port, settings)


def _member(layout: Layout, name: str, module: str, port: int, settings: dict[str, object], kind: str = "") -> Member:
    signer = create_wallet(layout.wallets, WALLET, name)
    common: dict[str, object] = {
        "netuid": NETUID,
        "subtensor_network": "local",
        "ledger_path": layout.ledger.resolve(),
        "wallet_path": layout.wallets.resolve(),
        "wallet_name": WALLET,
        "wallet_hotkey": name,
    }
    return Member(name, module, signer.hotkey, port, common | settings, kind)


def _free_ports(count: int) -> list[int]:
    """Return ports that are free now, all different: each is held until the last one is found."""
    with ExitStack() as held:
        ports = []
        for _ in range(count):
            one = held.enter_context(socket.socket())
            one.bind((HOST, 0))
            ports.append(int(one.getsockname()[1]))
        return ports

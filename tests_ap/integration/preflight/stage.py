"""A development node, wallets and settings for roles that are about to start."""

import contextlib
import socket
import tempfile
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any
from unittest import mock

from conversation_genome.preflight.checking import check_role
from conversation_genome.preflight.findings import PreflightReport
from conversation_genome.protocol.signing import Signer, create_wallet
from tests_ap.devnet.node import DevelopmentNode
from tests_ap.environment import settings_of
from tests_ap.examples import ready_embedder
from tests_ap.integration.chain.sdk import NETUID, NodeTestCase

SERVER = Signer.from_uri("//Server")
ELSEWHERE = "ws://127.0.0.1:9"
"""The discard port, where nobody listens."""


class PreflightTestCase(NodeTestCase):
    """A node whose blocks follow the clock, and the wallet of one role."""

    BLOCK_SECONDS: float | None = 0.1

    def setUp(self) -> None:
        ready_embedder()
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.signer = create_wallet(self.folder / "wallets", "cold", "hot")
        (self.folder / "wallets" / "cold" / "coldkey").unlink()
        self.node = self.start_ticking_node()

    def start_ticking_node(self) -> DevelopmentNode:
        node = DevelopmentNode(block_seconds=self.BLOCK_SECONDS, seals_at_once=True)
        self.addCleanup(node.close)
        node.add_subnet(NETUID, tempo=10, MaxAllowedValidators=1)
        node.start()
        node.advance()
        return node

    def register(self, stake: float = 0.0) -> int:
        return self.node.register(NETUID, self.signer.hotkey, stake)

    def settings(self, **more: str) -> dict[str, str]:
        there = {
            "CGP_SUBTENSOR_NETWORK": self.node.url,
            "CGP_SUBTENSOR_FALLBACK_ENDPOINTS": self.node.url,
            "CGP_NETUID": str(NETUID),
            "CGP_WALLET_PATH": str(self.folder / "wallets"),
            "CGP_WALLET_NAME": "cold",
            "CGP_WALLET_HOTKEY": "hot",
            "CGP_MINER_HOST": "127.0.0.1",
            "CGP_MINER_PORT": str(free_port()),
            "CGP_VALIDATOR_PORT": str(free_port()),
            "CGP_VALIDATOR_STATE_PATH": str(self.folder / "state.json"),
            "CGP_SERVER_HOTKEY": SERVER.hotkey,
            "CGP_SERVER_PORT": str(free_port()),
        }
        return there | {f"CGP_{name}".upper(): value for name, value in more.items()}

    def check(self, role: str, **more: str) -> PreflightReport:
        with settings_of(**self.settings(**more)):
            return check_role(role)

    def assert_ready(self, report: PreflightReport) -> None:
        self.assertEqual([str(fault) for fault in report.faults], [])

    def assert_one_fault(self, report: PreflightReport, words: str) -> None:
        faults = [str(fault) for fault in report.faults]
        self.assertEqual(len(faults), 1, faults)
        self.assertRegex(faults[0], words)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@contextlib.contextmanager
def pretended_server(*, hotkey: str = SERVER.hotkey, status: int = 200, date: str | None = None) -> Iterator[str]:
    """Yield the URL of something that answers `/healthz` and `/readyz` as a conversation server does."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def date_time_string(self, timestamp: float | None = None) -> str:
            return date or super().date_time_string(timestamp)

        def log_message(self, *_: Any) -> None:
            pass

    body = b'{"status": "ready", "hotkey": "%b"}' % hotkey.encode()
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def clock_that_is_off(seconds: float) -> Any:
    """Return a patch by which pre-flight reads a clock that is so far ahead."""
    import time  # noqa: PLC0415 -- the real one, before it is patched

    now = time.time
    return mock.patch("conversation_genome.preflight.checking.clock", lambda: now() + seconds)

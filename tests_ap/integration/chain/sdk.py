"""The real SDK beside a development node: clients with their cache in a folder of the test, keys from names."""

import logging
import os
import tempfile
import unittest
from unittest import mock

from bittensor import Subtensor
from bittensor.keyfiles import Keypair

from tests_ap.devnet.metadata import IS_THERE, WHY_NOT, Metadata
from tests_ap.devnet.node import DevelopmentNode

NETUID = 33
TEMPO, RATE_LIMIT, VERSION = 10, 3, 2


def key(name: str) -> Keypair:
    """Return the key that belongs to a name, the same in every test."""
    return Keypair.create_from_uri(f"//{name}")


@unittest.skipUnless(IS_THERE, WHY_NOT)
class NodeTestCase(unittest.TestCase):
    """A node with one subnet: tempo 10, rate limit 3, version 2, two permits at most."""

    @classmethod
    def setUpClass(cls) -> None:
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.enterClassContext(mock.patch.dict(os.environ, {"BITTENSOR_RUNTIME_CACHE_DIR": folder.name}))
        # The SDK leaves the exception of a lost connection unread in a task, which asyncio reports when it is collected.
        cls.addClassCleanup(logging.getLogger("asyncio").setLevel, logging.getLogger("asyncio").level)
        logging.getLogger("asyncio").setLevel(logging.CRITICAL)

    def setUp(self) -> None:
        self.node = self.start_node()

    def start_node(self, *, metadata: Metadata | None = None) -> DevelopmentNode:
        node = DevelopmentNode(metadata=metadata)
        self.addCleanup(node.close)
        node.add_subnet(
            NETUID, tempo=TEMPO, WeightsSetRateLimit=RATE_LIMIT, WeightsVersionKey=VERSION, MaxAllowedValidators=2
        )
        node.start()
        return node

    def connect(self, *urls: str) -> Subtensor:
        client = Subtensor((urls or (self.node.url,))[0], fallback_endpoints=list(urls[1:]), archive_endpoints=[])
        self.addCleanup(_close, client)
        return client


def _close(client: Subtensor) -> None:
    loop = client._loop_thread._loop if client._loop_thread else None
    client.close()
    if loop is not None:
        loop.close()  # which the SDK leaves open

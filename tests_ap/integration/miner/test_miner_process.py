"""A real miner process on a local ledger, asked over loopback with real signatures."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path
from typing import Any

import httpx2

from conversation_genome.chain.base import Endpoint, Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.protocol.messages import MAX_TASK_BYTES, MinerAnswer, Problem
from conversation_genome.protocol.signing import Signer, create_wallet
from conversation_genome.settings import PROJECT_ROOT
from tests_ap.unit.miner.tasks import a_task

NETUID = Netuid(33)
VALIDATOR, UNSTAKED, STRANGER = (Signer.from_uri(f"//{name}") for name in ("Validator", "Unstaked", "Stranger"))
START_SECONDS, STOP_SECONDS = 30.0, 15.0
PATH = "/v1/tasks"


class Subnet:
    """A ledger with a validator that holds stake, one that holds none, and the wallet of a miner."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
        self.miner = create_wallet(folder / "wallets", "cold", "hot")
        for hotkey, stake in ((self.miner.hotkey, 0.0), (VALIDATOR.hotkey, 100.0), (UNSTAKED.hotkey, 0.0)):
            self.ledger.register(NETUID, hotkey, stake)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        """Start `miner/miner.py` from another working directory, as the random miner."""
        settings = {
            "CGP_LEDGER_PATH": str(self.folder / "ledger.sqlite"),
            "CGP_WALLET_PATH": str(self.folder / "wallets"),
            "CGP_MINER_HOST": "127.0.0.1",
            "CGP_MINER_BEHAVIOUR": "random",
            "CGP_LOG_FORMAT": "json",
            "CGP_STOP_WITH_STDIN": "1",
            "CGP_ENV_FILE": str(self.folder / "absent.env"),
        }
        flags = ["--netuid", str(NETUID), "--wallet.name", "cold", "--wallet.hotkey", "hot", "--axon.port", "0"]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("CGP_")}
        with (self.folder / "miner.log").open("w") as log:
            return subprocess.Popen(
                [sys.executable, str(PROJECT_ROOT / "miner" / "miner.py"), *flags, *arguments],
                cwd=self.folder,
                env=inherited | settings | environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=log,
                text=True,
            )

    def published(self, process: subprocess.Popen[str], seconds: float = START_SECONDS) -> Endpoint:
        """Wait until the miner has published where it serves."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and process.poll() is None:
            endpoint = self.ledger.metagraph(NETUID).by_hotkey[self.miner.hotkey].endpoint
            if endpoint is not None:
                return endpoint
            time.sleep(0.02)
        raise AssertionError(f"the miner did not start: {self.log()}")

    def log(self) -> str:
        return (self.folder / "miner.log").read_text()


def stop(process: subprocess.Popen[str]) -> int:
    """Close standard input, as the end of the parent does, and return the exit code."""
    with contextlib.suppress(BrokenPipeError):
        process.stdin.close()
    try:
        return process.wait(STOP_SECONDS)
    finally:
        process.kill()


class TestMinerProcess(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        cls.subnet = Subnet(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        cls.addClassCleanup(cls.subnet.ledger.close)
        cls.process = cls.subnet.start()
        cls.addClassCleanup(stop, cls.process)
        cls.endpoint = cls.subnet.published(cls.process)
        cls.client = cls.enterClassContext(httpx2.Client(base_url=cls.endpoint.url, timeout=10))

    def ask(self, *, signer: Signer = VALIDATOR, content: bytes | None = None, **signed: Any) -> httpx2.Response:
        body = a_task().model_dump_json().encode()
        request = {"method": "POST", "path": PATH, "body": body, "receiver": self.subnet.miner.hotkey} | signed
        return self.client.post(PATH, content=content or request["body"], headers=signer.headers(**request))

    def check_refused(self, response: httpx2.Response, status: int, code: str) -> None:
        problem = Problem.model_validate_json(response.content)
        self.assertEqual((response.status_code, problem.code), (status, code), problem.message)

    def test_a_validators_task_is_answered(self) -> None:
        response = self.ask()
        self.assertEqual(response.status_code, 200, response.text)
        answer = MinerAnswer.model_validate_json(response.content)
        self.assertEqual((answer.task_id, len(answer.tags), answer.engine), ("task-1", 8, "random/1"))
        lines = [json.loads(line) for line in self.subnet.log().splitlines()]
        self.assertIn(("Mined 8 tags", 1), [(line["event"], line.get("validator")) for line in lines])

    def test_a_tampered_task_is_refused(self) -> None:
        self.check_refused(self.ask(content=a_task(max_tags=1).model_dump_json().encode()), 401, "not_authenticated")

    def test_a_replayed_task_is_refused(self) -> None:
        body = a_task().model_dump_json().encode()
        headers = VALIDATOR.headers(method="POST", path=PATH, body=body, receiver=self.subnet.miner.hotkey)
        first, second = [self.client.post(PATH, content=body, headers=headers) for _ in range(2)]
        self.assertEqual(first.status_code, 200)
        self.check_refused(second, 401, "not_authenticated")

    def test_a_task_for_another_miner_is_refused(self) -> None:
        self.check_refused(self.ask(receiver=STRANGER.hotkey), 401, "not_authenticated")

    def test_a_task_without_a_signature_is_refused(self) -> None:
        self.check_refused(self.client.post(PATH, content=b"{}"), 401, "not_authenticated")

    def test_an_unknown_hotkey_is_refused(self) -> None:
        self.check_refused(self.ask(signer=STRANGER), 403, "permission_denied")

    def test_a_hotkey_without_a_permit_is_refused(self) -> None:
        self.check_refused(self.ask(signer=UNSTAKED), 403, "permission_denied")

    def test_an_oversized_task_is_refused(self) -> None:
        self.check_refused(self.ask(body=b" " * (MAX_TASK_BYTES + 1)), 413, "task_too_large")

    def test_what_is_no_task_is_refused(self) -> None:
        self.check_refused(self.ask(body=b'{"tags": []}'), 422, "bad_input")

    def test_an_unknown_path_is_not_found(self) -> None:
        self.assertEqual(self.client.get("/v1/secrets").status_code, 404)


class TestMinersLife(unittest.TestCase):
    def setUp(self) -> None:
        self.subnet = Subnet(Path(self.enterContext(tempfile.TemporaryDirectory())))
        self.addCleanup(self.subnet.ledger.close)

    def start(self, *arguments: str, **environment: str) -> subprocess.Popen[str]:
        process = self.subnet.start(*arguments, **environment)
        self.addCleanup(stop, process)
        return process

    def test_it_stops_in_good_order_when_its_parent_is_gone(self) -> None:
        process = self.start()
        self.subnet.published(process)
        self.assertEqual(stop(process), 0, self.subnet.log())
        self.assertNotIn("Traceback", self.subnet.log())

    def test_it_stops_in_good_order_on_sigterm(self) -> None:
        process = self.start()
        self.subnet.published(process)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(STOP_SECONDS), 0, self.subnet.log())
        self.assertNotIn("Traceback", self.subnet.log())

    def test_every_fault_of_the_command_line_is_named_at_once(self) -> None:
        process = self.start("--netuid", "many", "--axon.port", "99999", CGP_MINER_MAX_TAGS="0")
        self.assertEqual(process.wait(START_SECONDS), 2)
        for setting in ("CGP_NETUID", "CGP_MINER_PORT", "CGP_MINER_MAX_TAGS"):
            self.assertIn(setting, self.subnet.log())

    def test_a_wallet_that_is_missing_is_bad_input(self) -> None:
        self.assertEqual(self.start("--wallet.hotkey", "absent").wait(START_SECONDS), 2)
        self.assertRegex(self.subnet.log(), r"^miner: there is no hotkey at .*absent")

    def test_a_hotkey_that_is_not_registered_is_a_failure(self) -> None:
        create_wallet(self.subnet.folder / "wallets", "cold", "new")
        self.assertEqual(self.start("--wallet.hotkey", "new").wait(START_SECONDS), 1)
        self.assertRegex(self.subnet.log(), r"miner: hotkey \w+ is not registered on subnet 33")

    def test_a_network_that_there_is_not_is_a_failure_with_the_remedy(self) -> None:
        process = self.start("--subtensor.network", "moon", CGP_MINER_BEHAVIOUR="honest")
        self.assertEqual(process.wait(START_SECONDS), 1)
        self.assertIn("CGP_SUBTENSOR_NETWORK='moon' is no network", self.subnet.log())

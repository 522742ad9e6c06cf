"""A real, honest miner process that is asked more than it can read: by stake, in time, and with other settings while it works."""

import asyncio
import contextlib
import json
import signal
import socket
import tempfile
import time
import unittest
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from conversation_genome.chain.base import Endpoint
from conversation_genome.protocol.messages import MinerAnswer, MinerTask, Problem
from conversation_genome.protocol.signing import Signer
from tests_ap.examples import example_conversation, ready_embedder
from tests_ap.integration.miner.test_miner_process import NETUID, PATH, VALIDATOR, Subnet, stop

RICH = Signer.from_uri("//Rich")
SETTINGS = {"CGP_MINER_BEHAVIOUR": "honest", "CGP_MINER_CONCURRENCY": "1", "CGP_MINER_QUEUE": "3"}
SECONDS = 60.0
BURST = 8


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def long_task(name: str, *, seconds: float) -> MinerTask:
    """Return a talk long enough to keep one thread busy for a while, other words in each."""
    talk = example_conversation("podcast-broken-gyroscope.txt")
    lines = tuple((line.speaker, f"{line.text} {name}") for line in talk.lines)
    return MinerTask(
        task_id=name,
        task_type="conversation_tagging",
        participants=tuple(f"SPEAKER_{number}" for number in range(len(talk.participants))),
        lines=lines,
        timeout_seconds=seconds,
    )


class MinerUnderLoad(unittest.TestCase):
    @classmethod
    def setUpClass(cls) -> None:
        ready_embedder()
        cls.subnet = Subnet(Path(cls.enterClassContext(tempfile.TemporaryDirectory())))
        cls.addClassCleanup(cls.subnet.ledger.close)
        cls.subnet.ledger.register(NETUID, RICH.hotkey, 10_000.0)
        cls.page_port = free_port()
        cls.env_file = cls.subnet.folder / "miner.env"
        cls.env_file.write_text("CGP_MINER_MAX_TAGS=5\n", encoding="utf-8")
        cls.process = cls.subnet.start(
            **SETTINGS, CGP_ENV_FILE=str(cls.env_file), CGP_MINER_METRICS_PORT=str(cls.page_port)
        )
        cls.addClassCleanup(stop, cls.process)
        cls.endpoint: Endpoint = cls.subnet.published(cls.process, SECONDS)

    async def ask(self, client: httpx2.AsyncClient, signer: Signer, task: MinerTask) -> httpx2.Response:
        body = task.model_dump_json().encode()
        headers = signer.headers(method="POST", path=PATH, body=body, receiver=self.subnet.miner.hotkey)
        return await client.post(PATH, content=body, headers=headers)

    async def burst(self, seconds: float) -> dict[str, list[httpx2.Response]]:
        """Return the answers to many tasks at once, those of little stake sent first; none is remembered from a burst before."""
        async with httpx2.AsyncClient(base_url=self.endpoint.url, timeout=SECONDS, trust_env=False) as client:
            jobs = [
                (
                    name,
                    asyncio.create_task(
                        self.ask(client, signer, long_task(f"{name}-{number}-{seconds}", seconds=seconds))
                    ),
                )
                for name, signer in (("poor", VALIDATOR), ("rich", RICH))
                for number in range(BURST)
            ]
            found: dict[str, list[httpx2.Response]] = {"poor": [], "rich": []}
            for name, job in jobs:
                found[name].append(await job)
            return found

    def page(self, path: str = "/") -> str:
        return httpx2.get(f"http://127.0.0.1:{self.page_port}{path}", timeout=10, trust_env=False).text

    def answered(self, responses: list[httpx2.Response]) -> list[MinerAnswer]:
        return [MinerAnswer.model_validate_json(one.content) for one in responses if one.status_code == 200]

    def test_1_more_than_it_can_read_is_answered_by_stake_and_the_rest_told_when_to_come_again(self) -> None:
        found = asyncio.run(self.burst(seconds=SECONDS))
        counts = {name: Counter(one.status_code for one in some) for name, some in found.items()}
        self.assertGreater(counts["rich"][200], counts["poor"][200], counts)
        self.assertEqual(set(counts["rich"] | counts["poor"]), {200, 503}, counts)
        for refused in (one for some in found.values() for one in some if one.status_code == 503):
            self.assertEqual(Problem.model_validate_json(refused.content).code, "busy")
            self.assertTrue(1 <= int(refused.headers["retry-after"]) <= 60)

    def test_2_where_time_is_short_answers_come_in_part_and_none_comes_late(self) -> None:
        engines: set[str] = set()
        for seconds in (2.5, 1.5, 1.0, 0.7, 0.5):  # what is short depends on the machine
            found = asyncio.run(self.burst(seconds=seconds))
            answers = self.answered(found["rich"] + found["poor"])
            self.assertTrue(all(answer.tags for answer in answers))
            engines |= {answer.engine for answer in answers}
            if "extractive-light/4" in engines:
                break
        self.assertIn("extractive-light/4", engines)
        self.assertIn("cgp_miner_parts_total", self.page("/metrics"))

    def test_3_its_page_tells_what_it_did(self) -> None:
        page = self.page()
        for words in (self.subnet.miner.hotkey, "in part", "turned away", "CGP_MINER_SERVER_URL", self.endpoint.url):
            self.assertIn(words, page)
        with contextlib.suppress(httpx2.HTTPError):
            self.assertEqual(httpx2.get(self.endpoint.url, trust_env=False).status_code, 404)

    def test_4_other_settings_are_taken_up_while_it_works(self) -> None:
        self.assertEqual(len(self.tags()), 5)
        self.env_file.write_text("CGP_MINER_MAX_TAGS=2\nCGP_NETUID=138\nCGP_MINER_ANSWER_LOG=x\n", encoding="utf-8")
        line = self.after_hangup()
        self.assertEqual((line["taken"], line["take_a_restart"]), (["CGP_MINER_MAX_TAGS"], ["CGP_MINER_ANSWER_LOG"]))
        self.assertEqual(len(self.tags()), 2)
        self.env_file.write_text("CGP_MINER_MAX_TAGS=none\n", encoding="utf-8")
        self.assertIn("CGP_MINER_MAX_TAGS", self.after_hangup()["reason"])
        self.assertEqual(len(self.tags()), 2)

    def tags(self) -> tuple[Any, ...]:
        async def ask() -> httpx2.Response:
            async with httpx2.AsyncClient(base_url=self.endpoint.url, timeout=SECONDS, trust_env=False) as client:
                return await self.ask(client, RICH, long_task(f"after {time.monotonic()}", seconds=30))

        return MinerAnswer.model_validate_json(asyncio.run(ask()).content).tags

    def after_hangup(self) -> dict[str, Any]:
        """Send SIGHUP and return the line of the log that says what came of it."""
        seen = self.lines_of_reloads()
        self.process.send_signal(signal.SIGHUP)
        deadline = time.monotonic() + SECONDS
        while len(self.lines_of_reloads()) == len(seen):
            assert time.monotonic() < deadline and self.process.poll() is None, self.subnet.log()
            time.sleep(0.05)
        return self.lines_of_reloads()[-1]

    def lines_of_reloads(self) -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in self.subnet.log().splitlines() if line.startswith("{")]
        return [line for line in lines if str(line["event"]).startswith("Settings")]


if __name__ == "__main__":
    unittest.main()

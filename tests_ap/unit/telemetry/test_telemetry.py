"""Numbers that go elsewhere: the role's own, none of a single miner, and with WANDB_MODE=offline none off this machine."""

import asyncio
import dataclasses
import os
import socket
import tempfile
import threading
import unittest
from pathlib import Path
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from conversation_genome.telemetry import LateAggregates, reporting
from conversation_genome.telemetry.aggregates import LEAST_MINERS
from conversation_genome.telemetry.sampling import numbers_of
from miner.metrics import MinerMetrics
from validators.metrics import ValidatorMetrics

SCORES = {f"5Hotkey{number:040d}": 0.1234567 + number / 97 for number in range(20)}


@dataclasses.dataclass
class Wanted:
    wandb_folder: Path
    wandb_project: str = "test-project"
    wandb_mode: str = "online"
    wandb_every_seconds: float = 0.05


class Aggregates(unittest.TestCase):
    def test_an_epoch_is_told_when_others_have_ended_after_it(self) -> None:
        late = LateAggregates(delay_epochs=2)
        seen = []
        for epoch in range(5):
            late.end_epoch(epoch, SCORES.values())
            seen.append(late.told().get("scores/epoch"))
        self.assertEqual(seen, [None, None, 0.0, 1.0, 2.0])

    def test_of_few_miners_nothing_is_told(self) -> None:
        late = LateAggregates(delay_epochs=1)
        late.end_epoch(0, [0.5] * (LEAST_MINERS - 1))
        late.end_epoch(1, [])
        self.assertEqual(late.told(), {})

    def test_an_epoch_is_not_told_anew_when_it_is_ended_again(self) -> None:
        late = LateAggregates(delay_epochs=1)
        late.end_epoch(0, [0.2] * 9)
        late.end_epoch(0, [0.9] * 9)
        late.end_epoch(1, [])
        self.assertEqual(late.told()["scores/mean"], 0.2)

    @given(st.lists(st.floats(0, 1), min_size=LEAST_MINERS, max_size=64))
    def test_what_is_told_is_of_all_of_them_in_two_digits(self, scores: list[float]) -> None:
        late = LateAggregates(delay_epochs=1)
        late.end_epoch(3, scores)
        late.end_epoch(4, [])
        told = late.told()
        self.assertEqual(told["scores/miners"], len(scores))
        self.assertTrue(all(value == round(value, 2) for value in told.values()), told)
        self.assertFalse({"scores/best", "scores/max", "scores/min"} & set(told))


class Sampling(unittest.TestCase):
    def test_numbers_are_named_by_their_labels_and_buckets_left_out(self) -> None:
        registry = CollectorRegistry()
        Counter("asked", "x", ["outcome"], registry=registry).labels("late").inc(3)
        Gauge("held", "x", registry=registry).set(2)
        Histogram("took", "x", registry=registry).observe(0.5)
        self.assertEqual(
            numbers_of(registry), {"asked_total/late": 3.0, "held": 2.0, "took_count": 1.0, "took_sum": 0.5}
        )

    def test_no_number_of_a_role_is_labelled_by_a_hotkey(self) -> None:
        miner, validator = MinerMetrics(), ValidatorMetrics()
        miner.count_task(200, 0.1)
        validator.count_answer("scored", 0.1)
        for name in (*numbers_of(miner.registry), *numbers_of(validator.registry)):
            self.assertNotRegex(name, r"/5[A-HJ-NP-Za-km-z1-9]{47}|hotkey")


class Offline(unittest.TestCase):
    """The real package, with WANDB_MODE=offline, told of a service that would notice every call."""

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.calls = 0
        self.listener = self.enterContext(socket.create_server(("127.0.0.1", 0)))
        threading.Thread(target=self.count, daemon=True).start()
        url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        proxies = dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy"), url)
        self.enterContext(
            mock.patch.dict(
                os.environ,
                {"WANDB_MODE": "offline", "WANDB_BASE_URL": url, "WANDB_API_KEY": "0" * 40, "HOME": str(self.folder)}
                | proxies,
            )
        )

    def count(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.calls += 1
            connection.close()

    def report(self, wanted: Wanted) -> None:
        late = LateAggregates(delay_epochs=1)
        for epoch in range(3):
            late.end_epoch(epoch, SCORES.values())
        metrics = ValidatorMetrics()
        metrics.count_answer("scored", 0.5)

        async def run() -> None:
            async with reporting(wanted, "validator", metrics.registry, more=late.told):
                await asyncio.sleep(0.3)

        asyncio.run(run())

    def written(self) -> bytes:
        return b"".join(path.read_bytes() for path in self.folder.rglob("*") if path.is_file())

    def test_a_run_is_kept_here_and_nothing_leaves(self) -> None:
        self.report(Wanted(self.folder / "runs"))
        self.assertEqual(len(list((self.folder / "runs").rglob("*.wandb"))), 1)
        self.assertIn(b"cgp_validator_answers_total/scored", self.written())
        self.assertIn(b"scores/mean", self.written())
        self.assertEqual(self.calls, 0)

    def test_no_miner_and_no_score_of_one_is_in_it(self) -> None:
        self.report(Wanted(self.folder / "runs"))
        written = self.written()
        for hotkey, score in SCORES.items():
            self.assertNotIn(hotkey.encode(), written)
            self.assertNotIn(f"{score:.6f}"[:7].encode(), written)
        self.assertNotIn(socket.gethostname().encode(), written)

    def test_the_setting_alone_keeps_it_here_too(self) -> None:
        del os.environ["WANDB_MODE"]
        self.report(Wanted(self.folder / "runs", wandb_mode="offline"))
        self.assertEqual((len(list((self.folder / "runs").rglob("*.wandb"))), self.calls), (1, 0))

    def test_without_a_project_nothing_is_begun(self) -> None:
        self.report(Wanted(self.folder / "runs", wandb_project=""))
        self.assertFalse((self.folder / "runs").exists())


if __name__ == "__main__":
    unittest.main()

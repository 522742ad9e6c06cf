"""A real miner process, asked by two validators at once: who is answered in time, and how much of it.

`python -m benchmarks.miner [--tasks 200] [--seconds 10]`. The rival is the same miner as it was before: first come, first
served, whole answers alone, no look at when a request was sent. Both are run one after the other, twice.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import httpx2

from conversation_genome.chain.base import Netuid
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.protocol.signing import Signer, create_wallet
from conversation_genome.sources.registry import read_source

ROOT = Path(__file__).resolve().parents[2]
TALK = ROOT / "examples/conversations/podcast-broken-gyroscope.txt"
NETUID = Netuid(33)
RICH, POOR = Signer.from_uri("//Rich"), Signer.from_uri("//Poor")
LINES = 10
WARM_UP = 6
"""Tasks of each validator, one after the other, before it is measured."""
FIRST_COME = """
import sys
from miner import delays, honest, queue
honest.Honest.has_parts = False
delays.Delays.delay = lambda *_, **__: 0.0
queue._Waiting.rank = property(lambda waiting: (0.0, waiting.number))
queue.StakeQueue._send_away = lambda _: None
from miner.__main__ import main
sys.exit(main())
"""
"""The miner as it was: first come, first served; no answers in part; what is late is late."""


class Row(NamedTuple):
    miner: str
    stake: str
    whole: int
    part: int
    refused: int
    late: int
    median: float
    slowest: float


def task(number: int, seconds: float) -> MinerTask:
    talk = next(read_source(TALK))
    start = number * 7 % (len(talk.lines) - LINES)
    lines = tuple((line.speaker, f"{line.text} {number}") for line in talk.lines[start : start + LINES])
    names = tuple(f"SPEAKER_{one}" for one in range(len(talk.participants)))
    return MinerTask(
        task_id=f"t{number}", task_type="conversation_tagging", participants=names, lines=lines, timeout_seconds=seconds
    )


async def ask(client: httpx2.AsyncClient, miner: str, signer: Signer, one: MinerTask) -> tuple[str, float]:
    body = one.model_dump_json().encode()
    headers = signer.headers(method="POST", path="/v1/tasks", body=body, receiver=miner)
    began = time.monotonic()
    try:
        async with asyncio.timeout(one.timeout_seconds):
            response = await client.post("/v1/tasks", content=body, headers=headers)
    except TimeoutError:
        return "late", one.timeout_seconds
    took = time.monotonic() - began
    if response.status_code != 200:
        return "refused", took
    engine = MinerAnswer.model_validate_json(response.content).engine
    return ("part" if "light" in engine else "whole"), took


async def burst(url: str, miner: str, tasks: int, seconds: float, name: str) -> list[Row]:
    async with httpx2.AsyncClient(base_url=url, timeout=None, trust_env=False) as client:
        asked = [
            (("poor", POOR) if number < tasks // 2 else ("rich", RICH), task(number, seconds))
            for number in range(tasks)
        ]
        for number in range(WARM_UP):
            for signer in (POOR, RICH):
                await ask(client, miner, signer, task(10_000 + number, 60.0))
        got = await asyncio.gather(*(ask(client, miner, who[1], one) for who, one in asked))
    rows = []
    for stake in ("rich", "poor"):
        own = [outcome for (who, _), outcome in zip(asked, got, strict=True) if who[0] == stake]
        counts = Counter(kind for kind, _ in own)
        times = sorted(took for kind, took in own if kind in ("whole", "part")) or [float("nan")]
        rows.append(
            Row(
                name,
                stake,
                counts["whole"],
                counts["part"],
                counts["refused"],
                counts["late"],
                times[len(times) // 2],
                times[-1],
            )
        )
    return rows


def run(folder: Path, command: list[str], tasks: int, seconds: float, name: str) -> list[Row]:
    folder.mkdir()
    ledger = LocalLedger.create(folder / "ledger.sqlite", netuid=NETUID)
    signer = create_wallet(folder / "wallets", "cold", "hot")
    for hotkey, stake in ((signer.hotkey, 0.0), (RICH.hotkey, 10_000.0), (POOR.hotkey, 10.0)):
        ledger.register(NETUID, hotkey, stake)
    settings = {
        "CGP_LEDGER_PATH": str(folder / "ledger.sqlite"), "CGP_WALLET_PATH": str(folder / "wallets"), "CGP_WALLET_NAME": "cold",
        "CGP_WALLET_HOTKEY": "hot", "CGP_MINER_HOST": "127.0.0.1", "CGP_MINER_PORT": "0", "CGP_NETUID": str(NETUID),
        "CGP_STOP_WITH_STDIN": "1", "CGP_ENV_FILE": os.devnull, "CGP_LOG_LEVEL": "error",
    }  # fmt: skip
    environment = {key: value for key, value in os.environ.items() if not key.startswith("CGP_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment | settings, stdin=subprocess.PIPE)
    try:
        while (
            endpoint := ledger.metagraph(NETUID).by_hotkey[signer.hotkey].endpoint
        ) is None and process.poll() is None:
            time.sleep(0.1)
        assert endpoint is not None
        return asyncio.run(burst(endpoint.url, signer.hotkey, tasks, seconds, name))
    finally:
        process.terminate()
        process.wait(30)
        ledger.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.miner", description=__doc__)
    parser.add_argument("--tasks", type=int, default=200, help="at once, half of them of little stake and sent first")
    parser.add_argument("--seconds", type=float, default=10.0, help="what each has")
    given = parser.parse_args()
    kinds = {"by stake": [sys.executable, "-m", "miner"], "first come": [sys.executable, "-c", FIRST_COME]}
    print(
        "| miner | stake | whole | in part | refused | late | median s | slowest s |\n|---|---|---|---|---|---|---|---|"
    )
    with tempfile.TemporaryDirectory() as folder:
        for turn in range(2):
            for number, (name, command) in enumerate(kinds.items()):
                for row in run(Path(folder) / f"{turn}-{number}", command, given.tasks, given.seconds, name):
                    print(
                        "| " + " | ".join(f"{one:.2f}" if isinstance(one, float) else str(one) for one in row) + " |",
                        flush=True,
                    )


if __name__ == "__main__":
    main()

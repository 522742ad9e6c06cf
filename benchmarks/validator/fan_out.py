"""`python -m benchmarks.validator.fan_out`: 256 miners on 256 loopback ports, asked at once by the validator's caller.

The miners are the real signed service, 64 ports in each of four processes, with an engine that costs next to nothing.
Beside it, in the same run and in turns: the same requests by one httpx client a call, as it is usually written first,
and by one httpx client for all of them.
"""

import argparse
import asyncio
import contextlib
import secrets
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

from conversation_genome.annotation import Outcome
from conversation_genome.chain.base import Neuron
from conversation_genome.client.miners import TASKS_PATH, MinerCaller
from conversation_genome.protocol.messages import MinerTask
from conversation_genome.protocol.signing import Signer
from conversation_genome.role import run_async
from tests_ap.integration.validators.subnet import VALIDATOR, Subnet
from tests_ap.unit.server.rig import NETUID

PROCESSES = 4
LINES = tuple(
    (n % 2, f"That was the year in which the harbour froze, and number {n} of the boats with it.") for n in range(10)
)
Asked = Callable[[Neuron, MinerTask], Awaitable[str]]


def main() -> None:
    """Print one line a way of asking."""
    arguments = _arguments()
    run_async(_measure(arguments.miners, arguments.rounds, arguments.seconds))


async def _measure(miners: int, rounds: int, seconds: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        net = Subnet(Path(folder))
        try:
            net.register_validator()
            each = -(-miners // PROCESSES)
            await asyncio.gather(*(net.miners(each, f"miner-{n}") for n in range(PROCESSES)))
            neurons = [one for one in net.ledger.metagraph(NETUID).neurons if one.endpoint is not None][:miners]
            await _compare(neurons, rounds, seconds)
        finally:
            await net.close()


async def _compare(neurons: list[Neuron], rounds: int, seconds: float) -> None:
    signer = Signer.from_uri(f"//{VALIDATOR}")
    caller = MinerCaller(signer)
    async with httpx.AsyncClient(timeout=seconds, limits=httpx.Limits(max_connections=None)) as client:
        ways: dict[str, Asked] = {
            "this validator": lambda one, task: _ours(caller, one, task),
            "one httpx client a call": lambda one, task: _client_a_call(signer, one, task),
            "one httpx client": lambda one, task: _httpx(client, signer, one, task),
        }
        walls: dict[str, list[float]] = {name: [] for name in ways}
        outcomes: dict[str, Counter[str]] = {name: Counter() for name in ways}
        processor: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(rounds):
            for name, ask in ways.items():
                await asyncio.sleep(4.0)  # idle connections are gone: every round opens its own
                cpu, started = time.process_time(), time.perf_counter()
                found = await asyncio.gather(*(ask(one, _task(seconds)) for one in neurons))
                walls[name].append(time.perf_counter() - started)
                processor[name].append(time.process_time() - cpu)
                outcomes[name].update(found)
    await caller.aclose()
    print(f"{len(neurons)} miners, {rounds} rounds, {seconds:g} s a miner\n")
    print("| | wall, median s | worst s | processor, median s | outcomes |\n|---|---|---|---|---|")
    for name, times in walls.items():
        cells = f"{statistics.median(times):.2f} | {max(times):.2f} | {statistics.median(processor[name]):.2f}"
        print(f"| {name} | {cells} | {', '.join(f'{count} {one}' for one, count in outcomes[name].most_common())} |")


def _task(seconds: float) -> MinerTask:
    return MinerTask(
        task_id=secrets.token_hex(16),
        task_type="conversation_tagging",
        participants=("SPEAKER_0", "SPEAKER_1"),
        lines=LINES,
        timeout_seconds=seconds,
    )


async def _ours(caller: MinerCaller, one: Neuron, task: MinerTask) -> str:
    assert one.endpoint is not None
    reply = await caller.ask(one.hotkey, one.endpoint.url, task)
    return "answered" if reply.outcome is Outcome.SCORED else reply.outcome.value


def _signed(signer: Signer, one: Neuron, task: MinerTask) -> tuple[str, bytes, dict[str, str]]:
    assert one.endpoint is not None
    body = task.model_dump_json().encode()
    headers = signer.headers(method="POST", path=TASKS_PATH, body=body, receiver=one.hotkey)
    return one.endpoint.url + TASKS_PATH, body, headers | {"content-type": "application/json"}


async def _client_a_call(signer: Signer, one: Neuron, task: MinerTask) -> str:
    async with httpx.AsyncClient(timeout=task.timeout_seconds) as client:
        return await _httpx(client, signer, one, task)


async def _httpx(client: httpx.AsyncClient, signer: Signer, one: Neuron, task: MinerTask) -> str:
    url, body, headers = _signed(signer, one, task)
    with contextlib.suppress(httpx.HTTPError):
        response = await client.post(url, content=body, headers=headers)
        return "answered" if response.status_code == httpx.codes.OK else str(response.status_code)
    return "lost"


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validator.fan_out", description=__doc__)
    parser.add_argument("--miners", type=int, default=256, help="how many are asked at once")
    parser.add_argument("--rounds", type=int, default=5, help="how often")
    parser.add_argument("--seconds", type=float, default=10.0, help="what each miner has")
    return parser.parse_args()


if __name__ == "__main__":
    main()

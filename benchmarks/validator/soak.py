"""`python -m benchmarks.validator.soak --epochs 500`: months of epochs in minutes, with random faults.

The local ledger, the conversation server, six miners and two validators, each a process of its own; an epoch is a second
or so. Prints the faults, the epochs that a validator missed, and the memory of the validator that is never killed.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests_ap.integration.validators.soak import SURVIVOR, Soak
from tests_ap.integration.validators.subnet import VALIDATOR, subnet


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validator.soak", description=__doc__)
    parser.add_argument("--epochs", type=int, default=500, help="how many")
    parser.add_argument("--epoch-seconds", type=float, default=1.1, help="how long one lasts")
    parser.add_argument("--faults", type=float, default=0.3, help="faults in an epoch, on average")
    parser.add_argument("--seed", type=int, default=1, help="of the faults")
    asyncio.run(_soak(parser.parse_args()))


async def _soak(arguments: argparse.Namespace) -> None:
    tempo = 22
    with tempfile.TemporaryDirectory() as folder:
        pace = arguments.epoch_seconds / tempo
        async with subnet(Path(folder), miners=6, validators=2, tempo=tempo, block_seconds=pace) as net:
            soak = Soak(net, seed=arguments.seed, faults_per_epoch=arguments.faults)
            started = time.monotonic()
            await soak.run(arguments.epochs)
            lines = {name: net.log_of(name) for name in (VALIDATOR, SURVIVOR)}
    print(f"{soak.epochs} epochs in {time.monotonic() - started:.0f} s; faults: {dict(soak.faults)}")
    print(f"epochs missed: {dict(soak.missed) or 'none'}; exit codes {soak.exits}")
    for name, events in lines.items():
        failed = [one for one in events if one.get("level") == "error"]
        print(
            f"{name}: {sum(one['event'] == 'completed' for one in events)} conversations, {len(failed)} errors logged"
        )
        for one in failed[:3]:
            print("   ", {key: one[key] for key in ("event", "reason", "exception") if key in one})
    for epoch in sorted({1, 100, 250, len(soak.resident)} & soak.resident.keys()):
        print(f"resident memory of the validator that lives at epoch {epoch}: {soak.resident[epoch] / 1024:.1f} MB")


if __name__ == "__main__":
    main()

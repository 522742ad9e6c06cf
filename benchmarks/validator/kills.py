"""`python -m benchmarks.validator.kills --deaths 300`: the validator is killed at random moments, and ends as if it never was.

The long version of `tests_ap/integration/validators/test_kill_nine.py`: prints where it was when it died, and what an
undisturbed validator would have done otherwise.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from tests_ap.integration.validators.kills import Kills, Outcome
from tests_ap.integration.validators.subnet import subnet


def main() -> None:
    """Run it and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validator.kills", description=__doc__)
    parser.add_argument("--deaths", type=int, default=300, help="how often it is killed")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    arguments = parser.parse_args()
    asyncio.run(_kill(arguments.deaths, arguments.seed))


async def _kill(deaths: int, seed: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with subnet(Path(folder), miners=6, tempo=20, block_seconds=0.05) as net:
            kills, started = Kills(net, seed=seed), time.monotonic()
            await kills.run(deaths)
            outcome = await Outcome.of(net)
            faults = outcome.faults(net)
    print(
        f"{deaths} deaths in {time.monotonic() - started:.0f} s; written down last: {dict(kills.moments.most_common())}"
    )
    print(
        f"{len(outcome.conversations)} conversations, {len(outcome.leases)} leases, {len(outcome.submissions)} submissions"
    )
    print(f"what an undisturbed validator would have done otherwise: {faults or 'nothing'}")


if __name__ == "__main__":
    main()

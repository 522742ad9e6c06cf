"""Run a development node until standard input ends or Ctrl+C; one subnet, Alice owns it."""

import argparse
import sys
from contextlib import suppress

from tests_ap.devnet.metadata import IS_THERE, WHY_NOT
from tests_ap.devnet.node import DevelopmentNode


def main() -> None:
    """Serve, and say where."""
    parser = argparse.ArgumentParser(prog="python -m tests_ap.devnet", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--block-seconds", type=float, default=1.0)
    parser.add_argument("--netuid", type=int, default=33)
    parser.add_argument("--tempo", type=int, default=20, help="blocks in an epoch")
    parser.add_argument("--rate-limit", type=int, default=5, help="blocks between two settings of weights")
    given = parser.parse_args()
    if not IS_THERE:
        parser.exit(1, f"{WHY_NOT}\n")
    with DevelopmentNode(port=given.port, block_seconds=given.block_seconds, seals_at_once=False) as node:
        node.add_subnet(given.netuid, tempo=given.tempo, WeightsSetRateLimit=given.rate_limit)
        print(node.url, flush=True)
        with suppress(KeyboardInterrupt):
            sys.stdin.read()


if __name__ == "__main__":
    main()

"""The command line of a role: Bittensor's flags, each of which overrides one setting."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Any, Final

COMMON_FLAGS: Final[Mapping[str, str]] = {
    "--netuid": "netuid",
    "--subtensor.network": "subtensor_network",
    "--wallet.name": "wallet_name",
    "--wallet.hotkey": "wallet_hotkey",
    "--wallet.path": "wallet_path",
}
"""Flag to setting."""


def read_flags(
    program: str, description: str, flags: Mapping[str, str], arguments: Sequence[str] | None = None
) -> dict[str, Any]:
    """Return the settings that the command line overrides, as text: the settings class checks them.

    Ends the process with code 2 and one sentence where a flag is unknown.

    Args:
        program: What the user typed, such as `python -m miner`.
        description: One sentence for `--help`.
        flags: Flag to setting, beside the common ones.
        arguments: Instead of those of this process.
    """
    parser = argparse.ArgumentParser(prog=program, description=description, allow_abbrev=False)
    for flag, setting in {**COMMON_FLAGS, **flags}.items():
        parser.add_argument(flag, dest=setting, metavar="VALUE", help=f"overrides CGP_{setting.upper()}")
    parser.add_argument(
        "--logging.debug", dest="log_level", action="store_const", const="debug", help="overrides CGP_LOG_LEVEL"
    )
    given = vars(parser.parse_args(arguments))
    return {setting: value for setting, value in given.items() if value is not None}

"""The command line of a role: every flag is a setting, and wins over the environment and `.env`."""

import argparse
from collections.abc import Mapping, Sequence
from typing import Final

from conversation_genome.settings import AnyRole, load_settings

CHAIN_FLAGS: Final[Mapping[str, str]] = {
    "--netuid": "netuid",
    "--subtensor.network": "subtensor_network",
    "--wallet.name": "wallet_name",
    "--wallet.hotkey": "wallet_hotkey",
    "--wallet.path": "wallet_path",
}
"""Flag to setting: Bittensor's own names, so that its users' command lines work."""


def read_settings(
    role: type[AnyRole], arguments: Sequence[str], *, program: str, description: str, flags: Mapping[str, str]
) -> AnyRole:
    """Return a role's settings from the command line, the environment and `.env`.

    Args:
        role: The settings class.
        arguments: The command line without the program.
        program: The role's name: in usage and errors, and for `cgp config check`.
        description: One sentence for `--help`.
        flags: Flag to setting, beside those of the chain.

    Raises:
        SettingsError: Naming every faulty setting, one a line.
        SystemExit: After `--help`, or with status 2 if a flag is unknown.
    """
    parser = argparse.ArgumentParser(
        prog=program,
        allow_abbrev=False,
        description=description,
        epilog=f"Every other setting is a CGP_ variable or a line of .env: `cgp config check {program}` lists them all.",
    )
    for flag, name in {**CHAIN_FLAGS, **flags}.items():
        field = role.model_fields[name]
        default = str(field.default).replace("%", "%%") or "none"
        parser.add_argument(flag, dest=name, metavar=name.upper(), help=f"{field.description} (default: {default})")
    given = vars(parser.parse_args(arguments))
    return load_settings(role, **{name: value for name, value in given.items() if value is not None})

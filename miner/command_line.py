"""The miner's command line: every flag is a setting, and wins over the environment and `.env`."""

import argparse
from collections.abc import Sequence
from typing import Final

from conversation_genome.settings import MinerSettings, load_settings

FLAGS: Final = {
    "--netuid": "netuid",
    "--subtensor.network": "subtensor_network",
    "--wallet.name": "wallet_name",
    "--wallet.hotkey": "wallet_hotkey",
    "--wallet.path": "wallet_path",
    "--axon.port": "miner_port",
    "--axon.external_ip": "miner_external_host",
}


def read_settings(arguments: Sequence[str]) -> MinerSettings:
    """Return the settings of the command line, the environment and `.env`.

    Raises:
        SettingsError: Naming every faulty setting, one a line.
        SystemExit: After `--help`, or with status 2 if a flag is unknown.
    """
    given = vars(_parser().parse_args(arguments))
    return load_settings(MinerSettings, **{name: value for name, value in given.items() if value is not None})


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="miner",
        allow_abbrev=False,
        description="Serve as a miner: read conversation windows that validators send, answer with tags and profiles.",
        epilog="Every other setting is a CGP_ variable or a line of .env: `cgp config check miner` lists them all.",
    )
    for flag, name in FLAGS.items():
        field = MinerSettings.model_fields[name]
        default = str(field.default).replace("%", "%%") or "none"
        parser.add_argument(flag, dest=name, metavar=name.upper(), help=f"{field.description} (default: {default})")
    return parser

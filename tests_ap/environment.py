"""What tests need of the world: the project's folder, a clean environment, and commands run as a user runs them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from unittest import mock

ROOT: Final = Path(__file__).resolve().parent.parent
COMMAND_TIMEOUT_SECONDS: Final = 120


@contextmanager
def settings_of(*, env_file: str | bytes | None = None, **variables: str) -> Iterator[Path]:
    """Run the block with these CGP_ variables and this settings file alone; yields an empty folder for its files."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "settings.env"
        if env_file is not None:
            path.write_bytes(env_file if isinstance(env_file, bytes) else env_file.encode())
        values = {"CGP_ENV_FILE": os.devnull if env_file is None else str(path), **variables}
        with mock.patch.dict(os.environ, {**_without_settings(), **values}, clear=True):
            yield Path(folder)


def run_python(
    *arguments: str, cwd: Path = ROOT, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run Python as a user of a fresh checkout would: without settings, standard error in standard output."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**_without_settings(), "PYTHONPATH": str(ROOT), "COLUMNS": "200", **(variables or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=COMMAND_TIMEOUT_SECONDS,
        check=False,
    )


def _without_settings() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("CGP_")}

"""A validator that is killed and started again at every line on its standard input, in a tenth of a second.

`python -m tests_ap.integration.validators.mortal FOLDER NAME SETTINGS`: what takes long to import is imported once;
each validator is a fork, a process of its own. `kill` ends it by SIGKILL and starts another, `end` by SIGKILL alone,
`stop` by SIGTERM; each is answered by a line: `started PID`, or the exit code. Everything is the validator's own but
the engine, whose tags are words, and the vectors, which are hashes. SETTINGS is a JSON object.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.process import configure_logging
from conversation_genome.process_memory import return_freed_memory, share_heaps
from conversation_genome.protocol.signing import Signer
from conversation_genome.role import run_async
from conversation_genome.settings import ValidatorSettings
from conversation_genome.testing.embedder import HashEmbedder
from tests_ap.integration.validators.words import WordsEngine
from tests_ap.unit.server.rig import NETUID, SERVER
from validators.__main__ import validate
from validators.store import held_alone


def live(folder: Path, name: str, given: dict[str, Any]) -> None:
    """Validate until this process is told to stop or killed."""
    log = os.open(folder / f"{name}.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    share_heaps()
    return_freed_memory()
    configure_logging("info", "json")
    signer = Signer.from_uri(f"//{name}")
    values: dict[str, Any] = {
        "netuid": NETUID,
        "server_hotkey": SERVER.hotkey,
        "validator_port": 0,
        "validator_state_path": folder / f"{name}.json",
        "validator_held_windows": 0,
        "validator_poll_seconds": 0.05,
    }
    settings = ValidatorSettings(_env_file=None, **(values | given))
    chain = LocalLedger(folder / "ledger.sqlite", signer.hotkey)
    with held_alone(settings.validator_state_path):
        run_async(validate(settings, signer, chain, HashEmbedder(), WordsEngine()))


def started(folder: Path, name: str, given: dict[str, Any]) -> int:
    """Return the process id of a validator that was just started."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            live(folder, name, given)
            code = 0
        finally:
            os._exit(code)
    print(f"started {child}", flush=True)
    return child


def main(folder: Path, name: str, given: dict[str, Any]) -> None:
    """Do what each line says."""
    gc.collect()
    gc.freeze()  # which each child would do at length, in pages of its own
    child = started(folder, name, given)
    for line in sys.stdin:
        os.kill(child, signal.SIGTERM if line == "stop\n" else signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        if line != "kill\n":
            print(os.waitstatus_to_exitcode(status), flush=True)
            return
        child = started(folder, name, given)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3]))

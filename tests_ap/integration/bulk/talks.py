"""Real conversations that ship, as files that a bulk run reads, and what a run wrote, ready to be compared."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import lancedb
import pyarrow as pa

from conversation_genome.bulk.establishing import with_language
from conversation_genome.conversation import Conversation
from conversation_genome.vector_store.rows import STAMP
from tests_ap.environment import ROOT
from tests_ap.examples import example_conversation

NAMES = (
    "chat-antarctic-night-shift.txt",
    "chat-crossword-constructors.txt",
    "chat-filmkamera-shuuri.txt",
    "podcast-abejas-tejado.txt",
    "podcast-orchid-smuggling.txt",
    "twitter-lost-tortoise.json",
)
MOMENT = "2026-01-02T03:04:05+00:00"
FAULTY = ('{"id": "broken', '{"id": "no lines", "participants": ["Ann"]}')
SHARD_MB = "0.002"
"""About one conversation a shard."""


def talks() -> list[Conversation]:
    """Return the conversations as an import makes them: each with its language."""
    return [with_language(example_conversation(name).model_copy(update={"license": "MIT"})) for name in NAMES]


def write_talks(folder: Path) -> None:
    """Write two files with faults among the conversations, a conversation twice, and one that is too short."""
    records = [talk.to_record() for talk in talks()]
    short = {"id": "short", "participants": ["Ann", "Bo"], "lines": [[0, "Hello there."], [1, "Hello to you."]]}
    lines = [json.dumps(record, ensure_ascii=False) for record in [*records, short]]
    _write(folder / "a.jsonl", [lines[0], FAULTY[0], *lines[1:4]])
    _write(folder / "more" / "b.jsonl", [*lines[4:], FAULTY[1], lines[0]])


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def command(*arguments: str, module: str = "") -> list[str]:
    """Return the command line of a bulk run with a fixed moment and small shards; a module may stand in for `cgp bulk`."""
    program = (module,) if module else ("conversation_genome", "bulk")
    return [
        *(sys.executable, "-m", *program, *arguments),
        *("--as-of", MOMENT, "--shard-mb", SHARD_MB, "--skip-bad"),
    ]


def run(*arguments: str, module: str = "") -> tuple[dict, str]:
    """Run it to its end; returns its summary and what it said."""
    done = subprocess.run(
        [*command(*arguments, module=module), "--json"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    if done.returncode:
        raise AssertionError(done.stderr[-3_000:])
    return json.loads(done.stdout), done.stderr


def kill_when(shards: Path, count: int, *arguments: str) -> None:
    """Start a run and kill it the moment it has finished some shards; it must not end by itself before."""
    with subprocess.Popen(command(*arguments), cwd=ROOT, stderr=subprocess.DEVNULL, start_new_session=True) as process:
        while len(list(shards.glob("*.json"))) < count:
            if process.poll() is not None:
                raise AssertionError("the run ended before it could be killed")
        os.killpg(process.pid, signal.SIGKILL)


def dataset_of(out: Path) -> dict[str, str]:
    """Return the SHA-256 of every file of the dataset by its path."""
    folder = out / "dataset"
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def store_of(out: Path) -> dict[str, pa.Table]:
    """Return the rows of every table of the store, by id, without what the store itself draws by chance."""
    database = lancedb.connect(out / "store")
    names = sorted(path.stem for path in (out / "store").glob("*.lance"))
    tables = {name: database.open_table(name).to_arrow() for name in names}
    return {
        name: table.select([column for column in table.column_names if column != STAMP]).sort_by("id")
        for name, table in tables.items()
    }

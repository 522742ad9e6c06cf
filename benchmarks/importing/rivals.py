"""The usual way to read each kind: the whole file at once. `python -m benchmarks.importing.rivals KIND FILE`."""

import csv
import json
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq


def _slack(path: Path) -> int:
    with zipfile.ZipFile(path) as archive:
        days = [json.loads(archive.read(name)) for name in archive.namelist()]
    return sum(map(len, days))


def _csv(path: Path) -> int:
    with path.open(encoding="utf-8", newline="") as file:
        return len(list(csv.DictReader(file)))


READERS: dict[str, Callable[[Path], int]] = {
    "jsonl": lambda path: len([json.loads(line) for line in path.read_text("utf-8").splitlines()]),
    "discord": lambda path: len(json.loads(path.read_text("utf-8"))["messages"]),
    "json array": lambda path: len(json.loads(path.read_text("utf-8"))),
    "whatsapp": lambda path: len(path.read_text("utf-8").splitlines()),
    "csv": _csv,
    "vtt": lambda path: len(path.read_text("utf-8").split("\n\n")),
    "irc": lambda path: len([line.split("\t") for line in path.read_text("utf-8").splitlines()]),
    "slack": _slack,
    "parquet": lambda path: len(pq.read_table(path).to_pylist()),
}

if __name__ == "__main__":
    print(READERS[sys.argv[1]](Path(sys.argv[2])))

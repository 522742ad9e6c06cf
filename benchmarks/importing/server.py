"""How fast the server takes conversations in, and what memory that needs: `python -m benchmarks.importing.server`.

A real server process on loopback with an SQLite file; one stream of records, then the same again, which is all known,
then the same by the way of `cgp import`, which asks first.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import orjson

from benchmarks.importing.files import NAMES, talk
from conversation_genome.client.uploading import upload
from conversation_genome.conversation import Conversation
from tests_ap.integration.server.process import ServerProcess


def records(count: int, length: int) -> Iterator[bytes]:
    """Yield uniform records of so many lines."""
    said = talk()
    for number in range(count):
        lines = [[NAMES.index(name), text] for name, text, _ in (next(said) for _ in range(length))]
        yield orjson.dumps({"id": f"talk-{number}", "source": "benchmark", "participants": NAMES, "lines": lines})


def peak_mb(process_id: int) -> float:
    """Return the most memory that a process has held."""
    status = Path(f"/proc/{process_id}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


async def measure(folder: Path, count: int, length: int) -> None:
    size_mb = sum(map(len, records(count, length))) / 2**20
    server = ServerProcess(folder)
    server.start()
    try:
        await server.ready()
        assert server.process
        print(f"{count:,} conversations of {length} lines, {size_mb:.0f} MB\n")
        print("| what | conversations/s | MB/s | taken | known | server's peak MB |\n|---|---:|---:|---:|---:|---:|")
        print(f"| before | | | | | {peak_mb(server.process.pid):.0f} |", flush=True)
        async with server.admin() as admin:
            for what in ("a stream", "the same again"):
                started = time.perf_counter()
                report = await admin.import_records(records(count, length))
                seconds = time.perf_counter() - started
                row = (report.imported, report.duplicates, f"{peak_mb(server.process.pid):.0f}")
                print(
                    f"| {what} | {count / seconds:,.0f} | {size_mb / seconds:.2f} | "
                    + " | ".join(map(str, row))
                    + " |",
                    flush=True,
                )
            started, known = time.perf_counter(), 0
            async for sent in upload(
                admin, (Conversation.from_record(orjson.loads(one)) for one in records(count, length))
            ):
                known += sent.present
            seconds = time.perf_counter() - started
            print(
                f"| asked first | {count / seconds:,.0f} | {size_mb / seconds:.2f} | 0 | {known} "
                f"| {peak_mb(server.process.pid):.0f} |"
            )
    finally:
        server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--conversations", type=int, default=50_000)
    parser.add_argument("--lines", type=int, default=20, help="a conversation; of 3 none is cut into windows")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(measure(Path(folder), arguments.conversations, arguments.lines))

"""Large files of every kind, with words of a seeded vocabulary: blocks of lines that repeat under other dates and ids.

`python -m benchmarks.importing.files KIND FILE BYTES` writes one. Lines have 190 characters on average, so that every part has the 4,000,000 characters that one may have:
the most that a reader ever holds.
"""

import csv
import io
import json
import random
import sys
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

NAMES = ("Ana", "Bo", "Çelik", "Dmitri", "Eilidh", "فاطمة", "Gus", "花子")
START = datetime(2024, 1, 1, tzinfo=UTC)
TALK_LINES = 40
BLOCK_LINES = 4_000
PARQUET_ROW_GROUP = 20_000
DAY, NUMBER = "2024-01-01", "zzqzz"
"""What every block has something else in place of: the date, and a word that makes its lines its own."""


def talk(seed: int = 1) -> Iterator[tuple[str, str, datetime]]:
    """Yield (speaker, text, moment) for ever."""
    chance = random.Random(seed)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvwz", k=chance.randint(2, 9))) for _ in range(20_000)]
    moment = START
    while True:
        moment += timedelta(seconds=chance.randint(1, 30))
        text = " ".join(chance.choices(words, k=chance.randint(3, 55)))
        yield chance.choice(NAMES), f"{NUMBER} {text}", moment


def block() -> list[tuple[str, str, datetime]]:
    """Return the lines that every block repeats, all of one day."""
    return [(name, text, moment) for (name, text, moment), _ in zip(talk(), range(BLOCK_LINES), strict=False)]


def write_blocks(path: Path, size: int, lines: str, *, head: str = "", between: str = "", tail: str = "") -> None:
    """Write a file that repeats a block until it has the size."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(head)
        for number in count():
            day = f"{START + timedelta(days=number):%Y-%m-%d}"
            text = lines.replace(NUMBER, f"b{number}").replace(DAY, day)
            file.write((between if number else "") + text)
            if file.tell() >= size:
                break
        file.write(tail)


def write_jsonl(path: Path, size: int) -> None:
    said = block()
    records = []
    for start in range(0, BLOCK_LINES, TALK_LINES):
        lines = [[NAMES.index(name), text] for name, text, _ in said[start : start + TALK_LINES]]
        records.append({"id": f"talk-{NUMBER}-{start}", "participants": NAMES, "lines": lines})
    write_blocks(path, size, "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records))


def write_discord(path: Path, size: int) -> None:
    messages = (
        {
            "id": str(number),
            "type": "Default",
            "timestamp": moment.isoformat(),
            "content": text,
            "author": {"id": str(NAMES.index(name)), "name": name, "isBot": False},
            "mentions": [],
        }
        for number, (name, text, moment) in enumerate(block())
    )
    lines = ",\n".join(json.dumps(message, ensure_ascii=False) for message in messages)
    head = '{"guild": {"name": "Guild"}, "channel": {"name": "general"}, "messages": [\n'
    write_blocks(path, size, lines, head=head, between=",\n", tail="\n]}")


def write_array(path: Path, size: int) -> None:
    rows = (
        {"speaker": name, "text": text, "timestamp": moment.isoformat(), "channel": f"room-{number % 500}"}
        for number, (name, text, moment) in enumerate(block())
    )
    lines = ",\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    write_blocks(path, size, lines, head="[\n", between=",\n", tail="\n]")


def write_whatsapp(path: Path, size: int) -> None:
    lines = (f"{DAY}, {moment:%H:%M} - {name}: {text}\n" for name, text, moment in block())
    write_blocks(path, size, "".join(lines))


def write_csv(path: Path, size: int) -> None:
    table = io.StringIO()
    rows = csv.writer(table)
    for number, (name, text, moment) in enumerate(block()):
        rows.writerow((f"talk-{NUMBER}-{number // TALK_LINES}", moment.isoformat(), name, text))
    write_blocks(path, size, table.getvalue(), head="conversation_id,timestamp,speaker,text\r\n")


def write_vtt(path: Path, size: int) -> None:
    cues = (
        f"00:{number // 60:02d}:{number % 60:02d}.000 --> 00:{number // 60:02d}:{number % 60:02d}.900\n"
        f"<v {name}>{text}.</v>\n\n"
        for number, (name, text, _) in enumerate(block())
    )
    write_blocks(path, size, "".join(cues), head="WEBVTT\n\n")


def write_irc(path: Path, size: int) -> None:
    write_blocks(path, size, "".join(f"{moment:{DAY} %H:%M:%S}\t{name}\t{text}\n" for name, text, moment in block()))


def write_slack(path: Path, size: int) -> None:
    written = 0
    messages = [
        {"type": "message", "user": f"U{NAMES.index(name)}", "text": text, "ts": f"{moment.timestamp():.6f}"}
        for name, text, moment in block()
    ]
    document = json.dumps(messages, ensure_ascii=False)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("users.json", json.dumps([{"id": f"U{i}", "real_name": name} for i, name in enumerate(NAMES)]))
        for day in count():
            text = document.replace(NUMBER, f"b{day}")
            written += len(text.encode())
            archive.writestr(f"room-{day // 40}/{(START + timedelta(days=day)):%Y-%m-%d}.json", text)
            if written >= size:
                break


def write_parquet(path: Path, size: int) -> None:
    import pyarrow as pa  # noqa: PLC0415 - the process that measures shall stay small
    import pyarrow.parquet as pq  # noqa: PLC0415

    said = block()
    shape = pa.struct([("role", pa.string()), ("content", pa.string())])
    schema = pa.schema([("conversation_id", pa.string()), ("messages", pa.list_(shape))])
    talks = [
        [{"role": name, "content": text} for name, text, _ in said[start : start + 10]]
        for start in range(0, BLOCK_LINES, 10)
    ]
    with pq.ParquetWriter(path, schema, compression="none", use_dictionary=False) as writer:
        number = 0
        while path.stat().st_size < size:
            rows = [
                {
                    "conversation_id": f"talk-{number}-{index}",
                    "messages": [{"role": "system", "content": f"talk {number}-{index}"}, *talks[index % len(talks)]],
                }
                for index in range(PARQUET_ROW_GROUP)
            ]
            number += 1
            writer.write_table(pa.Table.from_pylist(rows, schema), row_group_size=PARQUET_ROW_GROUP)


FILES: dict[str, tuple[str, Callable[[Path, int], None]]] = {
    "jsonl": ("talks.jsonl", write_jsonl),
    "discord": ("channel.json", write_discord),
    "json array": ("rows.json", write_array),
    "whatsapp": ("chat.txt", write_whatsapp),
    "csv": ("rows.csv", write_csv),
    "vtt": ("captions.vtt", write_vtt),
    "irc": ("channel.weechatlog", write_irc),
    "slack": ("export.zip", write_slack),
    "parquet": ("table.parquet", write_parquet),
}
"""Each kind with its file's name and its writer."""

if __name__ == "__main__":
    FILES[sys.argv[1]][1](Path(sys.argv[2]), int(sys.argv[3]))

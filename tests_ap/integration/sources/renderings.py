"""Uniform records written in the formats of other programs, to be read back."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pyarrow as pa
import pyarrow.parquet as pq

START = datetime(2024, 2, 27, 22, 30, tzinfo=UTC)

Said = list[tuple[str, str]]


def plain(text: str) -> str:
    """Return the text as every reader gives it: one line, no blanks in a row."""
    return " ".join(text.split())


def said_in(record: dict[str, Any]) -> Said:
    names = record["participants"]
    return [(names[line[0]], plain(line[1])) for line in record["lines"] if plain(line[1])]


def vtt(path: Path, said: Said) -> None:
    cues = (
        f"{_clock(n * 5)} --> {_clock(n * 5 + 1)}\n<v {name}>{_escaped(text)}</v>\n"
        for n, (name, text) in enumerate(said)
    )
    path.write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")


def srt(path: Path, said: Said) -> None:
    cues = (
        f"{n + 1}\n{_clock(n * 5)} --> {_clock(n * 5 + 1)}\n>> {name}: {_escaped(text)}\n".replace(".", ",", 0)
        for n, (name, text) in enumerate(said)
    )
    path.write_text("\n".join(cues), encoding="utf-8-sig", newline="\r\n")


def json3(path: Path, said: Said) -> None:
    events = [
        {"tStartMs": n * 5_000, "dDurationMs": 1_000, "segs": [{"utf8": f">> {name}: "}, {"utf8": _escaped(text)}]}
        for n, (name, text) in enumerate(said)
    ]
    path.write_text(json.dumps({"wireMagic": "pb3", "events": events}), encoding="utf-8")


def whisper(path: Path, said: Said) -> None:
    segments = [
        {"id": n, "start": n * 5.0, "end": n * 5.0 + 1, "text": f" {text}", "speaker": name}
        for n, (name, text) in enumerate(said)
    ]
    path.write_text(json.dumps({"language": "en", "segments": segments}), encoding="utf-8")


def feed(path: Path, titles: Iterable[str]) -> None:
    items = "".join(
        f"<item><title>{title}</title><podcast:transcript url={quoteattr(f'https://x.example/{title}.vtt')} "
        'type="text/vtt"/></item>'
        for title in titles
    )
    head = '<?xml version="1.0"?><rss version="2.0" xmlns:podcast="https://podcastindex.org/namespace/1.0"><channel>'
    path.write_text(f"{head}{items}</channel></rss>", encoding="utf-8")


def discord(path: Path, said: Said) -> None:
    messages = [
        {"id": str(n), "type": "Default", "timestamp": _moment(n).isoformat(), "content": text, "mentions": [],
         "author": {"id": name, "name": name, "isBot": False}}
        for n, (name, text) in enumerate(said)
    ]  # fmt: skip
    path.write_text(json.dumps({"guild": {"name": "G"}, "channel": {"name": "C"}, "messages": messages}, indent=1))


def slack(path: Path, said: Said) -> None:
    days: dict[str, list[dict[str, str]]] = {}
    for n, (name, text) in enumerate(said):
        message = {"type": "message", "user": name, "text": _escaped(text), "ts": f"{_moment(n).timestamp():.6f}"}
        days.setdefault(f"{_moment(n):%Y-%m-%d}", []).append(message)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        names = sorted({name for name, _ in said})
        archive.writestr("users.json", json.dumps([{"id": name, "real_name": name} for name in names]))
        for day, messages in days.items():
            archive.writestr(f"general/{day}.json", json.dumps(messages[::-1]))


def whatsapp(path: Path, said: Said, form: str) -> None:
    lines = (f"{_moment(n).strftime(form)}{name}: {text}\n" for n, (name, text) in enumerate(said))
    path.write_text("".join(lines), encoding="utf-8")


def table(path: Path, talks: dict[str, Said]) -> None:
    rows = io.StringIO(newline="")
    writer = csv.writer(rows, delimiter=";")
    writer.writerow(("conversation_id", "speaker", "text"))
    longest = max(map(len, talks.values()))
    for n in range(longest):  # interleaved, as a table by time is
        writer.writerows((key, *said[n]) for key, said in talks.items() if n < len(said))
    path.write_text(rows.getvalue(), encoding="utf-16", newline="")


def parquet(path: Path, talks: dict[str, Said]) -> None:
    rows = [
        {"c_guid": key, "transcript": [{"speaker": name, "text": text} for name, text in said],
         "participants": sorted({name for name, _ in said})}
        for key, said in talks.items()
    ]  # fmt: skip
    pq.write_table(pa.Table.from_pylist(rows), path, row_group_size=7)


def tweets(path: Path, said: Said) -> None:
    rows = [
        {"id_str": str(1_000 + n), "full_text": _escaped(text), "user": {"name": name},
         "created_at": _moment(n).strftime("%a %b %d %H:%M:%S +0000 %Y"),
         "in_reply_to_status_id_str": str(999 + n) if n else None}
        for n, (name, text) in enumerate(said)
    ]  # fmt: skip
    path.write_text(json.dumps(rows[::-1]), encoding="utf-8")


def irc(path: Path, said: Said, form: str) -> None:
    lines = (f"{_moment(n).strftime(form).format(name=name)}{text}\n" for n, (name, text) in enumerate(said))
    path.write_text("".join(lines), encoding="utf-8")


def _moment(number: int) -> datetime:
    return START + timedelta(minutes=number)


def _clock(seconds: int) -> str:
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.000"


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")

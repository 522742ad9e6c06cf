"""Opening files that strangers made: sizes, encodings and broken JSON end in one sentence each."""

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final

import orjson

from conversation_genome.errors import InputError, RecordError

HEAD_BYTES: Final = 65_536
MAX_DOCUMENT_BYTES: Final = 128 * 2**20
"""One JSON document is read whole; text and JSONL are read line by line and may be larger."""
MAX_LINE_BYTES: Final = 64 * 2**20
_JSON: Final = re.compile(rb'\A\s*(?:\{|\[\s*[\[{"\]])')  # not [00:01:02] and not [12/03/2025, 21:14:05]
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_ASSIGNMENT: Final = re.compile(rb"\A\s*window\.[\w.]+\s*=\s*")


def read_head(path: Path) -> bytes:
    """Return the first 64 KB of a file as UTF-8, without its byte order mark.

    Raises:
        InputError: If the file cannot be opened, is empty or is not text.
    """
    with _open(path) as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{path} is empty; give a file that holds a conversation")
    if head.startswith(_UTF16):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    if b"\x00" in head and not head.startswith(b"PK"):
        raise InputError(f"{path} is a binary file, not text; export the conversation as text, captions or JSON")
    return head.removeprefix(codecs.BOM_UTF8)


def read_lines(path: Path) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line without its end) of a text file, in UTF-8, or UTF-16 with its mark.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If a line is not UTF-8 or is absurdly long; names the file and the line.
    """
    with _open(path) as file:
        mark = file.read(2)
        file.seek(0)
        if mark in _UTF16:
            yield from _utf16_lines(path)
            return
        number = 0
        while raw := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if len(raw) > MAX_LINE_BYTES:
                raise RecordError(f"{path}:{number}: the line has more than {MAX_LINE_BYTES >> 20} MB; split the file")
            for part in re.split(r"\r\n|\r|\n", _decoded(path, number, raw).removesuffix("\n").removesuffix("\r")):
                yield number, part.lstrip("\ufeff") if number == 1 else part


def read_json(path: Path) -> Any:
    """Return the JSON document that a file holds; the assignment that X archives put before it is passed over.

    Raises:
        InputError: If the file cannot be opened or is larger than 128 MB.
        RecordError: If it is not JSON, or nested beyond reason.
    """
    size_bytes = _size_bytes(path)
    if size_bytes > MAX_DOCUMENT_BYTES:
        raise InputError(
            f"{path} is one JSON document of {size_bytes >> 20} MB, at most {MAX_DOCUMENT_BYTES >> 20} MB are read at once; "
            "export it in parts (by month or by channel)"
        )
    with _open(path) as file:
        raw = file.read()
    if raw.startswith(_UTF16):
        raw = raw.decode("utf-16", "replace").encode()
    return parse_json(_ASSIGNMENT.sub(b"", raw.removeprefix(codecs.BOM_UTF8)), str(path))


def parse_json(raw: bytes, place: str) -> Any:
    """Return a JSON value.

    Raises:
        RecordError: If it is not JSON or nested beyond reason; names the place.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise RecordError(f"{place}: not JSON ({exc}); export the file again, or check that it is complete") from exc


def _open(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc


def _size_bytes(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc


def _utf16_lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-16") as file:
            for number, line in enumerate(file, start=1):
                yield number, line.rstrip("\n")
    except UnicodeError as exc:
        raise RecordError(f"{path}: not UTF-16 as its first bytes say ({exc}); save it as UTF-8") from exc


def _decoded(path: Path, number: int, raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        raise RecordError(
            f"{path}:{number}: byte {raw[exc.start]:#04x} at column {exc.start + 1} is not UTF-8; save the file as UTF-8"
        ) from exc


def is_json(path: Path) -> bool:
    """Return whether the file begins as JSON does, whatever its name."""
    return looks_like_json(read_head(path))


def looks_like_json(head: bytes) -> bool:
    """Return whether this is the beginning of an object, or of a list of objects, lists or strings."""
    return bool(_JSON.match(head))

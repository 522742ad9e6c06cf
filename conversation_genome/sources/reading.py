"""Reading text that strangers made: lines of any encoding and end, one at a time; what is broken is named by its line."""

import codecs
import io
import re
from collections.abc import Iterator
from typing import Any, Final

import orjson

from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.opening import Place, open_place

HEAD_BYTES: Final = 65_536
MAX_LINE_BYTES: Final = 4 * 2**20
"""Forty times what one utterance may have."""
UTF16_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
BINARY_MAGICS: Final = (b"PK\x03\x04", b"PAR1")
"""Archives and tables that have readers of their own."""
_JSON: Final = re.compile(rb'\A\s*(?:\{|\[\s*[\[{"\]])')  # not [00:01:02] and not [12/03/2025, 21:14:05]
_CONTROL: Final = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_BINARY_SHARE: Final = 0.05
_NOT_WESTERN: Final = re.compile(rb"[\x80-\xff]{4}|[\xc2-\xf4][\x80-\xbf]|[\x81\x8d\x8f\x90\x9d]")
"""Four high bytes in a row are another alphabet, two that fit together are UTF-8 that something else broke."""
_LINE_END: Final = re.compile(r"\r\n|\r|\n")


def read_head(place: Place) -> bytes:
    """Return the first 64 KB of a file as UTF-8, without its byte order mark; of a gzip, of what is in it.

    Raises:
        InputError: If the file cannot be opened, is empty or is not text.
    """
    with open_place(place) as file:
        head = file.read(HEAD_BYTES)
    if not head.strip():
        raise InputError(f"{place} is empty; give a file that holds a conversation")
    if head.startswith(BINARY_MAGICS):
        return head
    if head.startswith(UTF16_MARKS):
        return head[: len(head) // 2 * 2].decode("utf-16", "replace").encode()
    if len(_CONTROL.findall(head)) > _BINARY_SHARE * len(head):
        raise InputError(f"{place} is a binary file, not text; export the conversation as text, captions or JSON")
    return head.removeprefix(codecs.BOM_UTF8)


def read_lines(place: Place, on_fault: FaultHandler = raise_fault) -> Iterator[tuple[int, str]]:
    """Yield (line number from 1, line without its end) of a text file.

    UTF-8, or UTF-16 with its mark. A line that is not UTF-8 but reads as Western European (Windows-1252, which
    includes Latin-1) is taken as that.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: For a line in another encoding or of absurd length, unless `on_fault` takes it.
    """
    with open_place(place) as file:
        is_wide = file.peek(2)[:2] in UTF16_MARKS
        try:
            yield from _wide_lines(place, file, on_fault) if is_wide else _lines(place, file, on_fault)
        except RecordError as exc:
            on_fault(exc)


def raw_lines(
    place: Place, on_fault: FaultHandler, *, max_bytes: int, remedy: str = "split the file"
) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, bytes with the line's end) of each line that is not longer than it may be.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: For a line that is too long or cannot be unpacked, unless `on_fault` takes it.
    """
    with open_place(place) as file:
        try:
            yield from _bounded(place, file, on_fault, max_bytes, remedy)
        except RecordError as exc:
            on_fault(exc)


def parse_json(raw: bytes, place: str) -> Any:
    """Return a JSON value.

    Raises:
        RecordError: If it is not JSON or nested beyond reason; names the place.
    """
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError as exc:
        raise RecordError(f"{place}: not JSON ({exc}); export the file again, or check that it is complete") from exc


def is_json(place: Place) -> bool:
    """Return whether the file begins as JSON does, whatever its name."""
    return looks_like_json(read_head(place))


def looks_like_json(head: bytes) -> bool:
    """Return whether this is the beginning of an object, or of a list of objects, lists or strings."""
    return bool(_JSON.match(head))


def _lines(place: Place, file: io.BufferedReader, on_fault: FaultHandler) -> Iterator[tuple[int, str]]:
    for number, raw in _bounded(place, file, on_fault, MAX_LINE_BYTES, "split the file"):
        line = _decoded(place, number, raw.removeprefix(codecs.BOM_UTF8) if number == 1 else raw, on_fault)
        if line is None:
            continue
        if "\r" in line[:-2]:  # an old Mac's line ends
            for part in _LINE_END.split(line.rstrip("\r\n")):
                yield number, part
        else:
            yield number, line.removesuffix("\n").removesuffix("\r")


def _bounded(
    place: Place, file: io.BufferedReader, on_fault: FaultHandler, max_bytes: int, remedy: str
) -> Iterator[tuple[int, bytes]]:
    number = 0
    while raw := file.readline(max_bytes + 1):
        number += 1
        if len(raw) <= max_bytes:
            yield number, raw
            continue
        while raw and not raw.endswith(b"\n"):
            raw = file.readline(max_bytes)
        on_fault(RecordError(f"{place}:{number}: the line has more than {max_bytes:,} bytes; {remedy}"))


def _wide_lines(place: Place, file: io.BufferedReader, on_fault: FaultHandler) -> Iterator[tuple[int, str]]:
    number = 0
    with io.TextIOWrapper(file, encoding="utf-16") as text:
        try:
            while line := text.readline(MAX_LINE_BYTES):
                number += 1
                if len(line) == MAX_LINE_BYTES and not line.endswith("\n"):
                    on_fault(RecordError(f"{place}:{number}: the line has more than {MAX_LINE_BYTES:,} characters"))
                    while line and not line.endswith("\n"):
                        line = text.readline(MAX_LINE_BYTES)
                    continue
                yield number, line.removesuffix("\n")
        except UnicodeError as exc:
            raise RecordError(
                f"{place}:{number + 1}: not UTF-16 as its first bytes say ({exc}); save it as UTF-8"
            ) from exc


def _decoded(place: Place, number: int, raw: bytes, on_fault: FaultHandler) -> str | None:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as exc:
        if not _NOT_WESTERN.search(raw):
            return raw.decode("cp1252")
        on_fault(
            RecordError(
                f"{place}:{number}: byte {raw[exc.start]:#04x} at column {exc.start + 1} is not UTF-8; "
                "save the file as UTF-8"
            )
        )
        return None

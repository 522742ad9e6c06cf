"""A form with a file, read as it comes in: memory does not grow with the file, and nothing is kept that was refused.

The only module that imports python_multipart.
"""

from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, Final

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header

from conversation_genome.errors import InputError, RequestTooLargeError

MAX_FILE_BYTES: Final = 8 * 2**30
MAX_FIELD_BYTES: Final = 10_000
MAX_FIELDS: Final = 20


@dataclass
class SentFile:
    """What a form carried."""

    fields: dict[str, str] = field(default_factory=dict)
    path: Path | None = None
    size_bytes: int = 0


class _Reader:
    """Puts fields into a dictionary and the one file onto the disk."""

    def __init__(self, sent: SentFile, place: Callable[[dict[str, str], str], Path]) -> None:
        self._sent = sent
        self._place = place
        self._header = b""
        self._value = b""
        self._headers: dict[bytes, bytes] = {}
        self._name = ""
        self._text = b""
        self._file: BinaryIO | None = None
        self._is_file = False

    def callbacks(self) -> Any:
        return {
            "on_part_begin": self._begin,
            "on_header_field": self._header_field,
            "on_header_value": self._header_value,
            "on_header_end": self._header_end,
            "on_headers_finished": self._headers_finished,
            "on_part_data": self._data,
            "on_part_end": self._end,
        }

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def _begin(self) -> None:
        self._headers, self._text, self._is_file = {}, b"", False

    def _header_field(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_end(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header = self._value = b""

    def _headers_finished(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        self._name = options.get(b"name", b"").decode("utf-8", "replace")
        if b"filename" not in options:
            return
        self._is_file = True
        name = options[b"filename"].decode("utf-8", "replace")
        if self._sent.path is not None:
            raise InputError("one file at a time; send the others after it")
        if name:
            self._sent.path = self._place(self._sent.fields, name)
            self._file = self._sent.path.open("wb")

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self._sent.size_bytes += end - start
            if self._sent.size_bytes > MAX_FILE_BYTES:
                raise RequestTooLargeError(f"the file is larger than {MAX_FILE_BYTES:,} bytes; split it")
            if self._file is not None:
                self._file.write(data[start:end])
            return
        self._text += data[start:end]
        if len(self._text) > MAX_FIELD_BYTES or len(self._sent.fields) >= MAX_FIELDS:
            raise InputError("the form has more in it than the page that it belongs to")

    def _end(self) -> None:
        if self._is_file:
            self.close()
        else:
            self._sent.fields[self._name] = self._text.decode("utf-8", "replace")


async def read_file(
    content_type: str, chunks: AsyncIterable[bytes], place: Callable[[dict[str, str], str], Path]
) -> SentFile:
    """Return the fields of a form, and where its file lies.

    Args:
        content_type: The request's.
        chunks: Its body.
        place: Told the fields before the file and its name, returns where to write it; raises to refuse it.

    Raises:
        InputError: If it is no form of this kind.
        RequestTooLargeError: If the file is larger than a file may be.
    """
    kind, options = parse_options_header(content_type)
    if kind != b"multipart/form-data" or not options.get(b"boundary"):
        raise InputError("this is no form with a file; send it from the page")
    sent = SentFile()
    reader = _Reader(sent, place)
    parser = MultipartParser(options[b"boundary"], reader.callbacks())
    try:
        async for chunk in chunks:
            parser.write(chunk)
        parser.finalize()
    except MultipartParseError as exc:
        raise InputError(f"the form cannot be read ({exc}); send it again") from exc
    finally:
        reader.close()
    return sent

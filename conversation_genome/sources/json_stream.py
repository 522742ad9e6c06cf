"""A long list inside one JSON document, item by item: memory for one item, not for the file."""

import codecs
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.reading import parse_json

CHUNK_CHARACTERS: Final = 2**20
MAX_HEAD_CHARACTERS: Final = 2**24
"""What may stand before the list."""
MAX_ITEM_CHARACTERS: Final = 2**24
_BLANK: Final = re.compile(r"[\s,]*")
_CONSTANT_REFUSAL: Final = "is no JSON number"


class JsonList:
    """The list under one key of the object that a file holds; `head` is what stands before it."""

    def __init__(self, path: Path, key: str) -> None:
        """Read up to the list.

        Raises:
            InputError: If the file cannot be opened.
            RecordError: If it is no object, or has no such list at its beginning.
        """
        self._path = path
        self._chunks = _chunks(path)
        self._start = re.compile(rf'(?<!\\)"{re.escape(key)}"\s*:\s*\[')
        self._key = key
        self._text = ""
        self.head: dict[str, Any] = self._read_head()

    def __iter__(self) -> Iterator[tuple[int, Any]]:
        """Yield (index, item).

        Raises:
            RecordError: If the file ends in the middle, or an item is no JSON; names the item.
        """
        decoder = json.JSONDecoder(parse_constant=_refuse_constant)
        index = 0
        position = 0
        while True:
            position = self._next_item(position, index)
            if self._text[position] == "]":
                return
            item, position = self._decode(decoder, position, index)
            yield index, item
            index += 1

    def _read_head(self) -> dict[str, Any]:
        while not (match := self._start.search(self._text)):
            if not self._grow(0) or len(self._text) > MAX_HEAD_CHARACTERS:
                raise RecordError(
                    f"{self._path}: no list {self._key!r}; export it again, or name its format with --format"
                )
        head = parse_json((self._text[: match.end()] + "]}").encode("utf-8", "replace"), str(self._path))
        if not isinstance(head, dict):
            raise RecordError(f"{self._path}: an object with a list {self._key!r} is expected; export it again")
        self._text = self._text[match.end() :]
        return head

    def _next_item(self, position: int, index: int) -> int:
        """Return where the next item or the list's end begins."""
        while (position := _end_of_blank(self._text, position)) == len(self._text):
            if not self._grow(position):
                raise self._cut_off(index)
            position = 0
        return position

    def _decode(self, decoder: json.JSONDecoder, position: int, index: int) -> tuple[Any, int]:
        while True:
            try:
                item, end = decoder.raw_decode(self._text, position)
            except RecursionError as exc:
                raise RecordError(
                    f"{self._path}: {self._key}[{index}] is nested beyond reason; export it again"
                ) from exc
            except ValueError as exc:
                if len(self._text) - position > MAX_ITEM_CHARACTERS or _CONSTANT_REFUSAL in str(exc):
                    raise RecordError(f"{self._path}: {self._key}[{index}] is not JSON; export it again") from exc
                if not self._grow(position):
                    raise self._cut_off(index) from exc
                position = 0
            else:
                return item, end

    def _grow(self, position: int) -> bool:
        """Forget what was read before the position and read on; return whether there was more."""
        chunk = next(self._chunks, "")
        self._text = self._text[position:] + chunk
        return bool(chunk)

    def _cut_off(self, index: int) -> RecordError:
        return RecordError(
            f"{self._path}: not JSON from {self._key}[{index}] on, or the file ends there; export it again to get the rest"
        )


def _end_of_blank(text: str, position: int) -> int:
    match = _BLANK.match(text, position)
    return match.end() if match else position


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} {_CONSTANT_REFUSAL}")


def _chunks(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding=_encoding(path)) as file:
            while chunk := file.read(CHUNK_CHARACTERS):
                yield chunk
    except OSError as exc:
        raise InputError(f"{path} cannot be read ({exc.strerror}); give the path of a readable file") from exc
    except UnicodeError as exc:
        raise RecordError(f"{path}: not UTF-8 ({exc}); save the file as UTF-8") from exc


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        return "utf-16" if file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"

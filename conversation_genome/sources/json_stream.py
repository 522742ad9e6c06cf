"""A JSON document part by part: memory for one item of its long list, not for the file, and each item with its line."""

import io
import json
import re
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler
from conversation_genome.sources.opening import Place, open_place
from conversation_genome.sources.reading import UTF16_MARKS

CHUNK_CHARACTERS: Final = 2**18
MAX_ITEM_CHARACTERS: Final = 2**24
"""What one item of the list, or one value beside it, may have."""
_BLANK: Final = re.compile(r"[ \t\r\n]*")
_ASSIGNMENT: Final = re.compile(r"\s*window\.[\w.]+\s*=\s*")
"""What archives of X put before the list."""
_CONSTANT_REFUSAL: Final = "is no JSON number"


class Part(NamedTuple):
    """A value of the document: an item of a list that was asked for, or another member of the object."""

    key: str
    """The member's key; "" for an item of a document that is a list, or the document itself if it is neither."""
    item: int | None
    """The item's number in its list; None for what is no such list."""
    line: int
    """Where it begins, from 1."""
    value: Any


def read_parts(place: Place, *lists: str, on_fault: FaultHandler) -> Iterator[Part]:
    """Yield the items of the document's list, or of the named lists of its object, and the object's other members.

    What stands before a fault is yielded; what comes after it cannot be told apart and is lost.

    Raises:
        InputError: If the file cannot be opened.
        RecordError: If it is not JSON up to its end, unless `on_fault` takes it; names the line.
    """
    with open_place(place) as file:
        encoding = "utf-16" if file.peek(2)[:2] in UTF16_MARKS else "utf-8-sig"
        with io.TextIOWrapper(file, encoding=encoding, newline="") as text:
            try:
                yield from _Document(place, text).parts(lists)
            except RecordError as exc:
                on_fault(exc)


class _Document:
    """A cursor over the text of a document; what was passed is forgotten."""

    def __init__(self, place: Place, file: io.TextIOWrapper) -> None:
        self._place = place
        self._file = file
        self._text = ""
        self._position = 0
        self._line = 1
        self._decoder = json.JSONDecoder(parse_constant=_refuse_constant)

    def parts(self, lists: tuple[str, ...]) -> Iterator[Part]:
        self._grow()
        if match := _ASSIGNMENT.match(self._text):
            self._advance(match.end())
        first = self._peek()
        if first == "[":
            yield from self._items("")
        elif first == "{":
            yield from self._members(lists)
        else:
            yield Part("", None, *self._value())
        if self._peek(";"):
            raise self._fault("the document ended before this")

    def _members(self, lists: tuple[str, ...]) -> Iterator[Part]:
        self._take("{")
        if self._peek() == "}":
            self._take("}")
            return
        while True:
            _line, key = self._value()
            if not isinstance(key, str):
                raise self._fault("a key in quotes is expected")
            self._take(":")
            if key in lists and self._peek() == "[":
                yield from self._items(key)
            else:
                yield Part(key, None, *self._value())
            if self._take(",}") == "}":
                return

    def _items(self, key: str) -> Iterator[Part]:
        self._take("[")
        if self._peek() == "]":
            self._take("]")
            return
        index = 0
        while True:
            yield Part(key, index, *self._value())
            index += 1
            if self._take(",]") == "]":
                return

    def _take(self, expected: str) -> str:
        found = self._peek()
        if not found or found not in expected:
            raise self._fault(f"{' or '.join(expected)} is expected, not {found or 'the end of the file'}")
        self._advance(self._position + 1)
        return found

    def _peek(self, ignored: str = "") -> str:
        """Return the next character that is no blank, or "" at the end."""
        while True:
            match = _BLANK.match(self._text, self._position)
            self._advance(match.end() if match else self._position)
            if self._position < len(self._text):
                found = self._text[self._position]
                if found not in ignored:
                    return found
                self._advance(self._position + 1)
            elif not self._grow():
                return ""

    def _value(self) -> tuple[int, Any]:
        """Return (line, value) of the value that begins here."""
        if not self._peek():
            raise self._fault("the file ends in the middle")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._position)
            except RecursionError as exc:
                raise self._fault("nested beyond reason") from exc
            except ValueError as exc:
                is_hopeless = len(self._text) - self._position > MAX_ITEM_CHARACTERS or _CONSTANT_REFUSAL in str(exc)
                if is_hopeless or not self._grow():
                    reason = exc.msg if isinstance(exc, json.JSONDecodeError) else str(exc)
                    raise self._fault(f"{reason}, or the file ends in the middle") from exc
            else:
                if end == len(self._text) and isinstance(value, int | float) and self._grow():
                    continue  # the number may go on
                line = self._line
                self._advance(end)
                return line, value

    def _advance(self, position: int) -> None:
        self._line += self._text.count("\n", self._position, position)
        self._position = position

    def _grow(self) -> bool:
        """Forget what was passed and read on; return whether there was more."""
        try:
            chunk = self._file.read(CHUNK_CHARACTERS)
        except UnicodeError as exc:
            raise self._fault(f"not UTF-8 ({exc}), save the file as UTF-8") from exc
        self._text = self._text[self._position :] + chunk
        self._position = 0
        return bool(chunk)

    def _fault(self, reason: str) -> RecordError:
        return RecordError(
            f"{self._place}:{self._line}: not JSON from here on ({reason}); export it again to get the rest"
        )


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} {_CONSTANT_REFUSAL}")

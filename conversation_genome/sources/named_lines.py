"""Text in which a name stands before what is said: `Name: words`."""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from conversation_genome.sources.turns import Turn

_LINE: Final = re.compile(
    r"^(?:[\[(]?(?:\d{4}-\d\d-\d\d[T ])?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s+)?"  # a time of day, where there is one
    r"(?:<[@+%&~ ]?(?P<nick>[^<>\s]{1,40})>\s+|(?P<name>[^\W\d_][^:<>{}\[\]\"]{0,39}?)\s*:(?:\s+|$))(?P<text>.*)$",
    re.DOTALL,
)
_NOTICE: Final = re.compile(r"^(?:[\[(]?\d{1,2}:\d{2}(?::\d{2})?[\])]?\s+)?(?:===|---|-!-|\*\*\*|\* )")
_COMMENT: Final = re.compile(r"^\s*(?:#|//)")
_HEADING: Final = re.compile(
    r"^(?:title|show|podcast|episode|date|recorded|published|hosts|guests|duration|speakers|participants)$",
    re.IGNORECASE,
)
"""What stands before the colons above a transcript."""
_PART: Final = re.compile(r"^(?:host|guest)$", re.IGNORECASE)
"""Stands there too, before a name, and in the transcript itself, before what its bearer says."""
_NAME: Final = re.compile(r"(?:[^\W\d_a-z][\w.'\u2019-]*(?:,| and| &)?\s+){1,6}[^\W\d_a-z][\w'\u2019-]*")
"""Two words or more that all begin with a capital, and no full stop: somebody is named, nothing is said."""
_MARKS: Final = "\u200e\u200f"


def names_somebody(line: str) -> bool:
    """Return whether the line begins what somebody says."""
    return _LINE.match(line.strip().lstrip(_MARKS)) is not None


def named_turns(lines: Iterable[tuple[int, str]]) -> Iterator[Turn]:
    """Yield the turns of numbered lines; lines that name nobody go on with the last one, what comes before falls out."""
    speaker, number, said = "", 0, list[str]()
    has_begun = False
    for where, raw in lines:
        line = raw.strip().lstrip(_MARKS)
        match = _LINE.match(line)
        if match and not has_begun and _is_heading(match["name"] or "", match["text"]):
            continue
        if match:
            has_begun = True
            if speaker:
                yield Turn(speaker, "\n".join(said), None, number)
            speaker, number, said = match["nick"] or match["name"], where, [match["text"]]
        elif speaker and line and not _NOTICE.match(line) and not _COMMENT.match(line):
            said.append(line)
    if speaker:
        yield Turn(speaker, "\n".join(said), None, number)


def _is_heading(name: str, text: str) -> bool:
    return _HEADING.match(name) is not None or (_PART.match(name) is not None and _NAME.fullmatch(text) is not None)

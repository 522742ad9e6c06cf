# ruff: noqa: RUF001 - typographic marks are what people type
"""YouTube captions: VTT, SRT and json3, by hand or automatic, whose rolling lines say everything two or three times."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, islice, pairwise
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.captions import VOICE, Cue, is_pasted, read_cues, read_json3, read_pasted
from conversation_genome.sources.opening import Place, suffix_of
from conversation_genome.sources.reading import is_json, looks_like_json, read_head
from conversation_genome.sources.turns import Turn, conversations_of

SENTENCE_CHARACTERS: Final = 60
"""A sentence shorter than this is joined by the next one of the same speaker."""
LINE_CHARACTERS: Final = 280
"""Captions without punctuation are cut at the first caption that ends beyond this."""
PAUSE_SECONDS: Final = 2.0
"""Silence that ends a line where punctuation does not."""
SAMPLE_CUES: Final = 20_000
"""Captions from which it is told whether they roll and which names stand before colons."""
NAMED_SHARE: Final = 0.6
"""Where so many captions begin with a name, as those of Zoom do, one that is there once is a name too."""
_ROLLING_SHARE: Final = 0.3

_SUBRIP: Final = re.compile(rb"\A\s*\d+[ \t]*\r?\n\s*\d+:\d{2}:\d{2}[.,]\d{1,3}\s*-->")
_JSON3: Final = re.compile(rb'"wireMagic"|"tStartMs"')
_CHANGE: Final = re.compile(r"^(?:(?:>>+|&gt;&gt;+)\s*|[-\u2013\u2014]\s+)")
_NAME: Final = re.compile(r"^([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,3}):\s+(?=\S)")
_VOICED: Final = re.compile(rf"^{VOICE}([^{VOICE}]+){VOICE}:\s*")
_NAME_ALONE: Final = re.compile(r"^([^:]{1,80}):$")
"""Where only a [sound] was said."""
_INNER_CHANGE: Final = re.compile(r"\s+(?=>>)")
_SENTENCE_END: Final = re.compile(r"(?:[.!?…]+[\"'”’)\]]*|[。！？]+[」』）]*)$")
_SENTENCE_BREAK: Final = re.compile(r"(?<=[.!?…。！？])\s+(?=[^\W\d_a-z])|(?<=[。！？])(?=\S)")


class _Piece(NamedTuple):
    """A stretch of caption text that one speaker says."""

    speaker: str | None
    """A name; "" for "somebody else than before"; None for "the same as before"."""
    text: str
    start_seconds: float
    end_seconds: float
    number: int | None


def sniff(head: bytes, path: Place) -> bool:
    """Return whether the file is a caption file."""
    if looks_like_json(head):
        return bool(_JSON3.search(head))
    return (
        head.startswith(b"WEBVTT")
        or bool(_SUBRIP.match(head))
        or (suffix_of(path) in (".vtt", ".srt") and b"-->" in head)
        or is_pasted(head)
    )


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the one conversation of a caption file.

    Speakers come from voice tags and `NAME:`. Where captions only mark that the speaker changes (`>>`), the one who
    spoke before takes over again, and the label `speakers_inferred` says so.

    Raises:
        InputError: If the file holds no words.
        RecordError: For a timing that cannot be read, unless `on_fault` takes it.
    """
    labels: dict[str, Any] = {}
    turns = _turns(_attributed(_pieces(_cues(path, on_fault), labels)))
    yield from conversations_of(path, turns, source="youtube", on_fault=on_fault, labels=labels)


def _cues(path: Place, on_fault: FaultHandler) -> Iterator[Cue]:
    if is_json(path):
        return read_json3(path, on_fault)
    return read_pasted(path, on_fault) if is_pasted(read_head(path)) else read_cues(path, on_fault)


def is_rolling(cues: list[Cue]) -> bool:
    """Return whether captions repeat what is on the screen, as automatic ones do."""
    repeats = sum(
        after.lines[0] in before.lines or after.lines[0] == before.lines[-1] for before, after in pairwise(cues)
    )
    return len(cues) > 3 and repeats >= _ROLLING_SHARE * (len(cues) - 1)


def _unrolled(cues: Iterable[Cue], *, is_rolling: bool) -> Iterator[Cue]:
    """Yield each caption with only the words that were not yet on the screen."""
    if not is_rolling:
        yield from cues
        return
    shown: tuple[str, ...] = ()
    for cue in cues:
        fresh = _fresh(shown, cue.lines)
        if fresh:
            yield cue._replace(lines=fresh)
        shown = cue.lines


def _fresh(shown: tuple[str, ...], lines: tuple[str, ...]) -> tuple[str, ...]:
    for overlap in range(min(len(shown), len(lines)), 0, -1):
        if shown[-overlap:] == lines[:overlap]:
            return lines[overlap:]
    if lines and shown and lines[0].startswith(shown[-1] + " "):
        return (lines[0].removeprefix(shown[-1]).strip(), *lines[1:])
    return lines


def _pieces(cues: Iterator[Cue], labels: dict[str, Any]) -> Iterator[_Piece]:
    """Yield the stretches of text; a mark of change without a name is noted in `labels`."""
    sample = list(islice(cues, SAMPLE_CUES))
    rolls = is_rolling(sample)
    names = _names(list(_unrolled(sample, is_rolling=rolls)))
    for cue in _unrolled(chain(sample, cues), is_rolling=rolls):
        is_dialogue = sum(line.startswith(("- ", "\u2013 ")) for line in cue.lines) > 1
        for part in _parts(cue.lines, is_dialogue=is_dialogue):
            piece = _piece(part, cue, names, is_dialogue=is_dialogue)
            if piece.speaker == "":
                labels["speakers_inferred"] = True
            yield piece


def _parts(lines: tuple[str, ...], *, is_dialogue: bool) -> Iterator[str]:
    """Split a caption where the speaker changes in it; other line breaks are only layout."""
    held = ""
    for line in (part for shown in lines for part in _INNER_CHANGE.split(shown)):
        is_new = line.startswith(">>") or (is_dialogue and bool(_CHANGE.match(line))) or bool(_NAME.match(line))
        if held and is_new:
            yield held
            held = ""
        held = f"{held} {line}" if held else line
    if held:
        yield held


def _names(cues: list[Cue]) -> frozenset[str]:
    """Return what stands before a colon and is a name: in capitals, after a mark of change, there twice, or everywhere."""
    seen: Counter[str] = Counter()
    named = 0
    for line in (part for cue in cues for shown in cue.lines for part in _INNER_CHANGE.split(shown)):
        change = _CHANGE.match(line)
        match = _NAME.match(line[change.end() :] if change else line)
        if change and not match:
            match = _NAME_ALONE.match(line[change.end() :])
        if match and (match[1].istitle() or match[1].isupper() or match[1][0].isupper()):
            seen[match[1]] += 2 if change or match[1].isupper() else 1
            named += 1
    least = 1 if len(cues) > 1 and named >= NAMED_SHARE * len(cues) else 2
    return frozenset(name for name, count in seen.items() if count >= least)


def _piece(text: str, cue: Cue, names: frozenset[str], *, is_dialogue: bool) -> _Piece:
    change = _CHANGE.match(text)
    is_change = bool(change) and (text.startswith((">>", "&gt;")) or is_dialogue)
    words = text[change.end() :] if change else text
    if voiced := _VOICED.match(words):
        return _Piece(voiced[1], words[voiced.end() :], cue.start_seconds, cue.end_seconds, cue.number)
    match = _NAME.match(words) or _NAME_ALONE.match(words)
    if match and match[1] in names:
        name = match[1].title() if match[1].isupper() and len(match[1]) > 3 else match[1]
        return _Piece(name, words[match.end() :], cue.start_seconds, cue.end_seconds, cue.number)
    return _Piece("" if is_change else None, words, cue.start_seconds, cue.end_seconds, cue.number)


def _attributed(pieces: Iterable[_Piece]) -> Iterator[_Piece]:
    """Name each piece; an unnamed change goes back to the one who spoke before."""
    speaker, other = "Speaker 1", "Speaker 2"
    is_first = True
    for piece in pieces:
        if piece.speaker == "" and not is_first:
            speaker, other = other, speaker
        elif piece.speaker and piece.speaker != speaker:
            speaker, other = piece.speaker, other if is_first else speaker
        is_first = False
        yield piece._replace(speaker=speaker)


def _turns(pieces: Iterable[_Piece]) -> Iterator[Turn]:
    """Join captions to sentences: at most one speaker a line, cut after a sentence, a pause or enough words."""
    held: _Piece | None = None
    for piece in (part for whole in pieces for part in _sentences(whole)):
        if held and (held.speaker != piece.speaker or _is_complete(held, piece)):
            yield Turn(held.speaker or "", held.text, held.start_seconds, held.number)
            held = None
        held = _joined(held, piece)
    if held:
        yield Turn(held.speaker or "", held.text, held.start_seconds, held.number)


def _sentences(piece: _Piece) -> Iterator[_Piece]:
    """Split a caption in which one sentence ends and another begins, time shared by length."""
    length = max(len(piece.text), 1)
    duration = piece.end_seconds - piece.start_seconds
    position = 0
    for text in _SENTENCE_BREAK.split(piece.text):
        start = piece.start_seconds + duration * position / length
        position += len(text) + 1
        yield piece._replace(text=text, start_seconds=start)


def _is_complete(held: _Piece, following: _Piece) -> bool:
    if _SENTENCE_END.search(held.text):
        return len(held.text) >= SENTENCE_CHARACTERS or following.start_seconds - held.end_seconds > PAUSE_SECONDS
    return len(held.text) >= LINE_CHARACTERS or following.start_seconds - held.end_seconds > PAUSE_SECONDS


def _joined(held: _Piece | None, piece: _Piece) -> _Piece:
    if held is None:
        return piece
    blank = "" if _is_unspaced(held.text[-1:]) and _is_unspaced(piece.text[:1]) else " "
    return held._replace(text=f"{held.text}{blank}{piece.text}", end_seconds=piece.end_seconds)


def _is_unspaced(letter: str) -> bool:
    """Return whether the letter belongs to Chinese or Japanese, which put no blanks between words."""
    return "\u3000" <= letter <= "\u9fff" or "\uff00" <= letter <= "\uffef"

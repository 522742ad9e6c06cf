"""RSS 2.0 feeds of podcasts: the transcripts that their episodes name, where they lie on this machine.

Nothing is fetched: a transcript is looked up by the end of its address, beside the feed or in a folder that is given.
"""

import html.parser
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.opening import open_place
from conversation_genome.sources.turns import Turn, as_utc, clean_text, conversations_of, identified

NAMESPACES: Final = (
    "https://podcastindex.org/namespace/1.0",
    "https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md",
)
"""Both are in use for `podcast:transcript`."""
MAX_FIELD_CHARACTERS: Final = 10_000
MAX_HTML_BYTES: Final = 64_000_000
_CHUNK_BYTES: Final = 2**16
_SEPARATOR: Final = " "
_FIELDS: Final = ("title", "pubDate", "guid")
_PREFERRED: Final = (".json", ".vtt", ".srt", ".html", ".htm", ".txt")
"""JSON and captions tell times, and mostly speakers; text may not."""
_HTML: Final = (".html", ".htm")

ReadFile = Callable[[Path, FaultHandler], Iterator[Conversation]]
"""Reads a file of any format."""


@dataclass
class Episode:
    """An item of a feed."""

    line: int
    show: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    transcripts: list[str] = field(default_factory=list)
    """Their addresses."""


def is_feed(head: bytes) -> bool:
    """Return whether an RSS feed begins here."""
    return head.lstrip().startswith((b"<?xml", b"<rss")) and b"<rss" in head


def read_feed(
    path: Path, read_file: ReadFile, *, folder: Path | None = None, on_fault: FaultHandler = raise_fault
) -> Iterator[Conversation]:
    """Yield the conversation of every episode whose transcript is here, with its title, show and date.

    Args:
        path: The feed.
        read_file: Reads a transcript, whose format is detected.
        folder: Where the transcripts are, else beside the feed.
        on_fault: Told of each episode whose transcript is not here.

    Raises:
        InputError: If no episode names a transcript.
        RecordError: For a transcript that is not here or cannot be read, and for XML that is broken or defines
            entities, unless `on_fault` takes it; names the feed's line.
    """
    names_any = False
    for episode in _episodes(path, on_fault):
        if not episode.transcripts:
            continue
        names_any = True
        try:
            yield from _read_episode(path, episode, folder or path.parent, read_file, on_fault)
        except InputError as exc:
            on_fault(exc)
    if not names_any:
        raise InputError(
            f"{path} is a feed in which no episode has a podcast:transcript; give the transcripts themselves"
        )


def _read_episode(
    feed: Path, episode: Episode, folder: Path, read_file: ReadFile, on_fault: FaultHandler
) -> Iterator[Conversation]:
    title = clean_text(episode.fields.get("title", ""))
    found = [file for url in episode.transcripts if (file := _beside(folder, url))]
    if not found:
        named = ", ".join(_parts(url)[-1] if _parts(url) else url for url in episode.transcripts)[:200]
        raise RecordError(
            f"{feed}:{episode.line}: the episode {title[:60]!r} names the transcript {named!r}, which is not in {folder}; "
            "put it there (nothing is fetched), or name its folder with --transcripts"
        )
    file = min(found, key=_preference)
    labels = {key: text for key, text in (("title", title), ("show", episode.show)) if text}
    moment = parse_moment(episode.fields.get("pubDate"))
    for conversation in _read_html(file, on_fault) if file.suffix.lower() in _HTML else read_file(file, on_fault):
        told = {
            "source": "podcast",
            "labels": {**conversation.labels, **labels},
            "started_at": conversation.started_at or (as_utc(moment) if moment else None),
        }
        yield identified(conversation.model_copy(update=told), feed, title or file.stem)


def _preference(file: Path) -> int:
    return _PREFERRED.index(file.suffix.lower()) if file.suffix.lower() in _PREFERRED else len(_PREFERRED)


def _parts(url: str) -> list[str]:
    """Return the host and the path of an address, without what would lead out of a folder."""
    try:
        split = urlsplit(url.strip())
    except ValueError:
        return []
    parts = [split.netloc, *unquote(split.path).replace("\\", "/").split("/")]
    return [part for part in parts if part and part not in (".", "..") and "\x00" not in part]


def _beside(folder: Path, url: str) -> Path | None:
    """Return the file in the folder with the longest end of the address that is there; links out of it do not count."""
    parts = _parts(url)
    for start in range(len(parts)):
        file = folder.joinpath(*parts[start:])
        try:
            if file.is_file() and file.resolve().is_relative_to(folder.resolve()):
                return file
        except OSError:  # a name that is too long for a file
            continue
    return None


def _episodes(path: Path, on_fault: FaultHandler) -> Iterator[Episode]:
    """Yield the items as they are read; broken XML ends the feed."""
    reading = _FeedReading(path)
    with open_place(path) as file:
        try:
            while True:
                chunk = file.read(_CHUNK_BYTES)
                reading.parser.Parse(chunk, not chunk)
                yield from reading.finished()
                if not chunk:
                    return
        except expat.ExpatError as exc:
            yield from reading.finished()
            on_fault(RecordError(f"{path}:{exc.lineno}: not XML ({expat.ErrorString(exc.code)}); save the feed again"))
        except RecordError as exc:
            on_fault(exc)


class _FeedReading:
    """What an XML parser tells, as episodes."""

    def __init__(self, path: Path) -> None:
        self._feed = path
        self.parser = expat.ParserCreate(namespace_separator=_SEPARATOR)
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.EntityDeclHandler = self._refuse
        self._ready: list[Episode] = []
        self._path: list[str] = []
        self._episode: Episode | None = None
        self._show = ""
        self._held = ""

    def finished(self) -> Iterator[Episode]:
        """Yield the episodes that are complete, once."""
        while self._ready:
            yield self._ready.pop(0)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._path.append(name)
        self._held = ""
        if self._path[1:] == ["channel", "item"]:
            self._episode = Episode(self.parser.CurrentLineNumber, self._show)
        elif self._episode and name in {f"{space}{_SEPARATOR}transcript" for space in NAMESPACES}:
            self._episode.transcripts.append(attributes.get("url", ""))

    def _end(self, name: str) -> None:
        if self._episode and len(self._path) == 4 and name in _FIELDS:
            self._episode.fields[name] = self._held.strip()
        elif self._path[1:] == ["channel", "title"]:
            self._show = clean_text(self._held)
        elif self._episode and self._path[1:] == ["channel", "item"]:
            self._ready.append(self._episode)
            self._episode = None
        self._path.pop()

    def _text(self, text: str) -> None:
        if len(self._held) < MAX_FIELD_CHARACTERS:
            self._held += text

    def _refuse(self, *_: object) -> None:
        """End the reading: entities may unfold to gigabytes, or name files of this machine."""
        raise RecordError(
            f"{self._feed}:{self.parser.CurrentLineNumber}: the feed defines entities, which no feed needs; "
            "it is not read any further"
        )


def _read_html(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    """Yield the conversation of a transcript in HTML: `cite` is who speaks, `time` is when, `p` is what is said."""
    with open_place(path) as file:
        text = file.read(MAX_HTML_BYTES).decode("utf-8-sig", "replace")
    reading = _HtmlReading()
    reading.feed(text)
    yield from conversations_of(path, reading.turns, source="podcast", on_fault=on_fault)


class _HtmlReading(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.turns: list[Turn] = []
        self._speaker = "Speaker"
        self._at: float | None = None
        self._held: list[str] = []
        self._is_code = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        del attrs
        if tag in ("cite", "time", "p"):
            self._held = []
        self._is_code = tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._is_code:
            self._held.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._is_code = False
        text = " ".join("".join(self._held).split())
        if tag == "cite":
            self._speaker = text.rstrip(":") or self._speaker
        elif tag == "time":
            self._at = _seconds(text)
        elif tag == "p" and text:
            self.turns.append(Turn(self._speaker, text, self._at))
        if tag in ("cite", "time", "p"):
            self._held = []


def _seconds(clock: str) -> float | None:
    try:
        parts = [float(part) for part in clock.split(":")[-3:]]
    except ValueError:
        return None
    return sum((part * 60.0**place for place, part in enumerate(reversed(parts))), 0.0)

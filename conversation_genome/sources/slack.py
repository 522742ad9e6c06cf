"""Slack: the zip of a workspace's export, or the JSON of one channel's day."""

import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.reading import MAX_DOCUMENT_BYTES, parse_json, read_json
from conversation_genome.sources.turns import Turn, conversation_of

MAX_UNPACKED_BYTES: Final = 1024 * 2**20
MAX_RATIO: Final = 200
"""Unpacked over packed size; text packs five to twenty times, bombs thousands."""
_TS: Final = re.compile(rb'"ts"\s*:\s*"\d{9,}\.\d+"')
_MENTION: Final = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_CHANNEL: Final = re.compile(r"<#[A-Z0-9]+(?:\|([^>]*))?>")
_SPECIAL: Final = re.compile(r"<!(\w+)[^>]*>")
_LINK: Final = re.compile(r"<(https?://[^|>]+|mailto:[^|>]+)(?:\|([^>]*))?>")
_SAID_SUBTYPES: Final = frozenset({"", "thread_broadcast", "me_message", "file_share", "bot_message"})


def sniff(head: bytes, path: Path) -> bool:
    """Return whether the file is a zip or JSON with Slack's time stamps."""
    if head.startswith(b"PK\x03\x04"):
        return path.suffix.lower() == ".zip"
    return head.lstrip()[:1] in (b"[", b"{") and bool(_TS.search(head)) and b'"type"' in head


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield one conversation a channel, oldest message first.

    Raises:
        InputError: If it is no export, or unpacks to an absurd size.
        RecordError: For a file or message that cannot be read, unless `on_fault` takes it.
    """
    if zipfile.is_zipfile(path):
        yield from _read_zip(path, on_fault)
        return
    document = read_json(path)
    messages = document.get("messages") if isinstance(document, dict) else document
    if not isinstance(messages, list):
        raise RecordError(f"{path}: no list of messages; give a channel's JSON, or the zip of the whole export")
    yield _channel(path, "", _placed(str(path), messages), {}, on_fault)


def _read_zip(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bombs(path, archive)
            users = _users(path, archive)
            is_silent = True
            for channel, days in _channels(archive).items():
                messages = (message for day in days for message in _day(path, archive, day, on_fault))
                try:
                    conversation = _channel(path, channel, messages, users, on_fault)
                except RecordError as exc:
                    on_fault(exc)
                except InputError:
                    continue  # a channel in which nobody ever said a word is normal
                else:
                    is_silent = False
                    yield conversation
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError) as exc:
        raise InputError(f"{path} is a zip that cannot be unpacked ({exc}); export the workspace again") from exc
    if is_silent:
        raise InputError(
            f"{path} is a zip without a word of a Slack channel; give the zip of a workspace's export, or unpack it and give the files"
        )


def _refuse_bombs(path: Path, archive: zipfile.ZipFile) -> None:
    packed = max(path.stat().st_size, 1)
    unpacked = sum(entry.file_size for entry in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * packed + 2**20:
        raise InputError(
            f"{path} unpacks from {packed:,} to {unpacked:,} bytes, which is refused; "
            f"at most {MAX_UNPACKED_BYTES >> 20} MB and {MAX_RATIO} times are read: import channels one by one"
        )


def _channels(archive: zipfile.ZipFile) -> dict[str, list[zipfile.ZipInfo]]:
    channels: dict[str, list[zipfile.ZipInfo]] = {}
    for entry in sorted(archive.infolist(), key=lambda entry: entry.filename):
        parts = PurePosixPath(entry.filename).parts
        if len(parts) >= 2 and parts[-1].endswith(".json") and not parts[0].startswith("__"):
            channels.setdefault(parts[-2], []).append(entry)
    return channels


def _users(path: Path, archive: zipfile.ZipFile) -> dict[str, str]:
    entry = next((entry for entry in archive.infolist() if PurePosixPath(entry.filename).name == "users.json"), None)
    users = _json_of(path, archive, entry) if entry else []
    return {str(user.get("id")): _user_name(user) for user in users if isinstance(user, dict)}


def _user_name(user: Mapping[str, Any]) -> str:
    profile = user.get("profile") if isinstance(user.get("profile"), dict) else {}
    assert isinstance(profile, dict)
    names = (
        profile.get("display_name"),
        profile.get("real_name"),
        user.get("real_name"),
        user.get("name"),
        user.get("id"),
    )
    return next((str(name) for name in names if name), "unknown")


def _day(
    path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, on_fault: FaultHandler
) -> Iterator[tuple[str, Any]]:
    try:
        messages = _json_of(path, archive, entry)
    except RecordError as exc:
        on_fault(exc)
        return
    yield from _placed(f"{path}!{entry.filename}", messages)


def _json_of(path: Path, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> list[Any]:
    with archive.open(entry) as file:
        raw = file.read(MAX_DOCUMENT_BYTES + 1)
    place = f"{path}!{entry.filename}"
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise RecordError(f"{place}: more than {MAX_DOCUMENT_BYTES >> 20} MB in one file; export shorter spans of time")
    value = parse_json(raw, place)
    if not isinstance(value, list):
        raise RecordError(f"{place}: a list is expected, not {type(value).__name__}; export the workspace again")
    return value


def _placed(place: str, messages: Iterable[Any]) -> Iterator[tuple[str, Any]]:
    for index, message in enumerate(messages):
        yield f"{place}: [{index}]", message


def _channel(
    path: Path, title: str, messages: Iterable[tuple[str, Any]], users: Mapping[str, str], on_fault: FaultHandler
) -> Conversation:
    said = sorted(_said(messages, users, on_fault), key=lambda turn: turn.at or 0.0)
    start = said[0].at if said else None
    turns = [turn._replace(at=(turn.at or 0.0) - (start or 0.0)) for turn in said]
    return conversation_of(path, turns, source="slack", started_at=parse_moment(start), title=title)


def _said(messages: Iterable[tuple[str, Any]], users: Mapping[str, str], on_fault: FaultHandler) -> Iterator[Turn]:
    """Yield the messages with their time in seconds since 1970; joins, deletions and other notices fall out."""
    for place, message in messages:
        try:
            at = float(message["ts"])
            text = str(message.get("text") or "")
        except (KeyError, TypeError, ValueError, AttributeError):
            on_fault(
                RecordError(f"{place} is no message with a time stamp 'ts', but {str(message)[:40]!r}; export it again")
            )
            continue
        if message.get("type", "message") == "message" and str(message.get("subtype") or "") in _SAID_SUBTYPES:
            yield Turn(_author(message, users), readable(text, users), at)


def _author(message: Mapping[str, Any], users: Mapping[str, str]) -> str:
    identifier = str(message.get("user") or "")
    profile = message.get("user_profile")
    shown = _user_name({"profile": profile}) if isinstance(profile, dict) else "unknown"
    return users.get(identifier) or (shown if shown != "unknown" else "") or str(message.get("username") or identifier)


def readable(text: str, users: Mapping[str, str]) -> str:
    """Return a message with mentions, channels and links as people read them."""
    text = _MENTION.sub(lambda match: f"@{users.get(match[1]) or match[2] or 'someone'}", text)
    text = _SPECIAL.sub(r"@\1", _CHANNEL.sub(lambda match: f"#{match[1] or 'channel'}", text))
    return html.unescape(_LINK.sub(lambda match: match[2] or match[1], text))

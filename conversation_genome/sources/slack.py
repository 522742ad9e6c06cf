"""Slack: the zip of a workspace's export, or the JSON of one channel's day."""

import heapq
import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.opening import Entry, Place, open_archive
from conversation_genome.sources.turns import Said, chats_of

REORDERED_MESSAGES: Final = 20_000
"""Messages are put in order within so many: the days of an export are in order, their messages are not always."""
MAX_BLOCK_DEPTH: Final = 8
_TS: Final = re.compile(rb'"ts"\s*:\s*"\d{9,}\.\d+"')
_MENTION: Final = re.compile(r"<@([A-Z0-9]+)(?:\|([^>]*))?>")
_CHANNEL: Final = re.compile(r"<#[A-Z0-9]+(?:\|([^>]*))?>")
_SPECIAL: Final = re.compile(r"<!(\w+)[^>|]*(?:\|([^>]*))?>")
_LINK: Final = re.compile(r"<(https?://[^|>]+|mailto:[^|>]+)(?:\|([^>]*))?>")
_SAID_SUBTYPES: Final = frozenset({"", "thread_broadcast", "me_message", "file_share", "bot_message"})


def sniff(head: bytes, path: Place) -> bool:
    """Return whether the file is a zip or JSON with Slack's time stamps."""
    if head.startswith(b"PK\x03\x04"):
        return path.name.lower().endswith(".zip")
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
    messages = read_parts(path, "messages", on_fault=on_fault)
    placed = ((path, part.line, part.value) for part in messages if part.item is not None)
    yield from _channel(path, "", placed, {}, on_fault)


def _read_zip(path: Path, on_fault: FaultHandler) -> Iterator[Conversation]:
    with open_archive(path) as entries:
        users = _users(entries, on_fault)
        is_silent = True
        for channel, days in _channels(entries).items():
            messages = (message for day in days for message in _day(day, on_fault))
            try:
                for conversation in _channel(path, channel, messages, users, on_fault):
                    is_silent = False
                    yield conversation
            except RecordError as exc:
                on_fault(exc)
            except InputError:
                continue  # a channel in which nobody ever said a word is normal
    if is_silent:
        raise InputError(
            f"{path} is a zip without a word of a Slack channel; give the zip of a workspace's export, or unpack it and give the files"
        )


def _channels(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    channels: dict[str, list[Entry]] = {}
    for entry in entries:
        if len(entry.parts) >= 2 and entry.name.endswith(".json") and not entry.parts[0].startswith("__"):
            channels.setdefault(entry.parts[-2], []).append(entry)
    return channels


def _users(entries: Iterable[Entry], on_fault: FaultHandler) -> dict[str, str]:
    entry = next((entry for entry in entries if entry.name == "users.json"), None)
    users = (part.value for part in read_parts(entry, on_fault=on_fault)) if entry else ()
    return {str(user.get("id")): _user_name(user) for user in users if isinstance(user, dict)}


def _day(entry: Entry, on_fault: FaultHandler) -> Iterator[tuple[Place, int, Any]]:
    has_list = False
    for part in read_parts(entry, on_fault=on_fault):
        has_list = has_list or part.item is not None
        if part.item is not None:
            yield entry, part.line, part.value
        elif not has_list:
            on_fault(RecordError(f"{entry}: a list of messages is expected; export the workspace again"))
            return


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


def _channel(
    path: Place,
    title: str,
    messages: Iterable[tuple[Place, int, Any]],
    users: Mapping[str, str],
    on_fault: FaultHandler,
) -> Iterator[Conversation]:
    said = _in_order(_said(messages, users, on_fault))
    yield from chats_of(path, said, source="slack", on_fault=on_fault, title=title)


def _in_order(said: Iterable[tuple[float, int, Said]]) -> Iterator[Said]:
    """Yield by time, each message at most so many places from where it stood."""
    waiting: list[tuple[float, int, Said]] = []
    for one in said:
        if len(waiting) < REORDERED_MESSAGES:
            heapq.heappush(waiting, one)
        else:
            yield heapq.heappushpop(waiting, one)[2]
    while waiting:
        yield heapq.heappop(waiting)[2]


def _said(
    messages: Iterable[tuple[Place, int, Any]], users: Mapping[str, str], on_fault: FaultHandler
) -> Iterator[tuple[float, int, Said]]:
    """Yield (seconds since 1970, number, message); joins, deletions and other notices fall out."""
    for number, (place, line, message) in enumerate(messages):
        try:
            at = float(message["ts"])
            moment = datetime.fromtimestamp(at, UTC)
            text = str(message.get("text") or "") or _shown(message)
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError, OSError):
            shown = str(message)[:40]
            on_fault(RecordError(f"{place}:{line}: no message with a time stamp 'ts', but {shown!r}; export it again"))
            continue
        if message.get("type", "message") == "message" and str(message.get("subtype") or "") in _SAID_SUBTYPES:
            yield at, number, Said(_author(message, users), readable(text, users), moment, line)


def _author(message: Mapping[str, Any], users: Mapping[str, str]) -> str:
    identifier = str(message.get("user") or "")
    profile = message.get("user_profile")
    shown = _user_name({"profile": profile}) if isinstance(profile, dict) else "unknown"
    return users.get(identifier) or (shown if shown != "unknown" else "") or str(message.get("username") or identifier)


def _shown(message: Mapping[str, Any]) -> str:
    """Return what stands in a message's blocks, or in what programs attach, where it has no text of its own."""
    blocks = message.get("blocks")
    if isinstance(blocks, list) and (text := "\n".join(filter(None, map(_block_text, blocks)))):
        return text
    attached = message.get("attachments")
    parts = (part for part in (attached if isinstance(attached, list) else ()) if isinstance(part, dict))
    return "\n".join(str(part.get("text") or part.get("fallback") or "") for part in parts).strip()


def _block_text(block: Any, depth: int = 0) -> str:
    if not isinstance(block, dict) or depth > MAX_BLOCK_DEPTH:
        return ""
    if isinstance(inner := block.get("elements"), list):
        return ("\n" if block.get("type") == "rich_text_list" else "").join(
            _block_text(element, depth + 1) for element in inner
        )
    if block.get("type") == "user":
        return f"<@{block.get('user_id')}>"
    if block.get("type") == "emoji":
        return f":{block.get('name')}:"
    text = block.get("text") or block.get("url") or ""
    return str(text.get("text") or "") if isinstance(text, dict) else str(text)


def readable(text: str, users: Mapping[str, str]) -> str:
    """Return a message with mentions, channels and links as people read them."""
    text = _MENTION.sub(lambda match: f"@{users.get(match[1]) or match[2] or 'someone'}", text)
    text = _CHANNEL.sub(lambda match: f"#{match[1] or 'channel'}", text)
    text = _SPECIAL.sub(lambda match: match[2] or f"@{match[1]}", text)
    return html.unescape(_LINK.sub(lambda match: match[2] or match[1], text))

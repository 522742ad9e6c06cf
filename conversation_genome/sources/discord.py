"""Discord channels as DiscordChatExporter writes them to JSON."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import MAX_LINES, Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.json_stream import JsonList
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.turns import Turn, conversation_of

_SPOKEN_TYPES: Final = frozenset({"Default", "Reply", "ThreadStarterMessage", "0", "19", "21"})
_DELETED: Final = frozenset({"[deleted]", "[original message was deleted]", "message deleted"})
_USER: Final = re.compile(r"<@!?(\d+)>")
_ROLE: Final = re.compile(r"<@&\d+>")
_CHANNEL: Final = re.compile(r"<#\d+>")
_EMOJI: Final = re.compile(r"<a?:(\w+):\d+>")
_TIME: Final = re.compile(r"<t:(-?\d{1,11})(?::[tTdDfFR])?>")
_SLASH: Final = re.compile(r"</([\w -]+):\d+>")
_MARKUP: Final = re.compile(r"\|\||\*\*|__|~~|^>>> |^> ", re.MULTILINE)


class _Message(NamedTuple):
    name: str
    text: str
    moment: datetime | None
    is_bot: bool


def sniff(head: bytes, path: Path) -> bool:  # noqa: ARG001
    """Return whether the file is an export of a Discord channel."""
    return head.lstrip().startswith(b"{") and b'"guild"' in head and b'"channel"' in head


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the channel as one conversation: people's messages as last edited, without joins, pins and bots.

    Raises:
        InputError: If nobody says anything.
        RecordError: For a message that cannot be read, unless `on_fault` takes it; names its place in the JSON.
    """
    messages = JsonList(path, "messages")
    said = _said(path, _messages(path, messages, on_fault))
    started_at = next((message.moment for message in said if message.moment), None)
    turns = [Turn(message.name, message.text, _seconds(started_at, message.moment)) for message in said]
    labels = {key: name for key in ("guild", "channel") if (name := _name_of(messages.head.get(key)))}
    yield conversation_of(path, turns, source="discord", started_at=started_at, labels=labels)


def _said(path: Path, messages: Iterator[_Message]) -> list[_Message]:
    """Return what people say, or what bots say where nobody else does."""
    people: list[_Message] = []
    bots: list[_Message] = []
    for message in messages:
        if not message.is_bot:
            people.append(message)
        elif not people and len(bots) <= MAX_LINES:
            bots.append(message)
        if len(people) > MAX_LINES:
            raise RecordError(f"{path}: more than {MAX_LINES:,} messages; export the channel in parts (--partition)")
    return people or bots


def _messages(path: Path, messages: JsonList, on_fault: FaultHandler) -> Iterator[_Message]:
    names: dict[str, str] = {}
    try:
        for index, message in messages:
            names.update(_names_in(message))
            author = message.get("author") if isinstance(message, dict) else None
            content = message.get("content") if isinstance(message, dict) else None
            if not isinstance(author, dict) or not isinstance(content, str | None):
                place = f"{path}: messages[{index}]"
                on_fault(RecordError(f"{place} has no author or no content; export the channel again"))
            elif _is_said(message, content):
                moment = parse_moment(message.get("timestamp"))
                name = _display_name(author)
                yield _Message(name, readable(content or "", names), moment, is_bot=bool(author.get("isBot")))
    except RecordError as exc:
        on_fault(exc)


def _is_said(message: Mapping[str, Any], content: str | None) -> bool:
    is_gone = bool(message.get("isDeleted")) or (content or "").strip().lower() in _DELETED
    return str(message.get("type", "Default")) in _SPOKEN_TYPES and not is_gone


def readable(content: str, names: Mapping[str, str]) -> str:
    """Return a message with mentions, channels, emoji and times as people read them."""
    if "<" not in content:
        return _MARKUP.sub("", content)
    text = _USER.sub(lambda match: f"@{names.get(match[1], 'someone')}", content)
    text = _TIME.sub(lambda match: _written(int(match[1])), _EMOJI.sub(r":\1:", text))
    return _MARKUP.sub("", _SLASH.sub(r"/\1", _CHANNEL.sub("#channel", _ROLE.sub("@role", text))))


def _written(seconds: int) -> str:
    moment = parse_moment(seconds)
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""


def _names_in(message: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(message, dict):
        return
    mentions = message.get("mentions")
    for user in (message.get("author"), *(mentions if isinstance(mentions, list) else ())):
        if isinstance(user, dict) and user.get("id"):
            yield str(user["id"]), _display_name(user)


def _display_name(user: Mapping[str, Any]) -> str:
    return str(user.get("nickname") or user.get("name") or user.get("id") or "unknown")


def _name_of(part: Any) -> str:
    return str(part.get("name") or "") if isinstance(part, dict) else ""


def _seconds(started_at: datetime | None, moment: datetime | None) -> float | None:
    return (moment - started_at).total_seconds() if started_at and moment else None

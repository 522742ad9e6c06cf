"""Discord channels as DiscordChatExporter writes them to JSON."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain, islice
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.opening import Place
from conversation_genome.sources.turns import Said, chats_of

_SPOKEN_TYPES: Final = frozenset({"Default", "Reply", "ThreadStarterMessage", "0", "19", "21"})
_DELETED: Final = frozenset({"[deleted]", "[original message was deleted]", "message deleted"})
_USER: Final = re.compile(r"<@!?(\d+)>")
_ROLE: Final = re.compile(r"<@&\d+>")
_CHANNEL: Final = re.compile(r"<#\d+>")
_EMOJI: Final = re.compile(r"<a?:(\w+):\d+>")
_TIME: Final = re.compile(r"<t:(-?\d{1,11})(?::[tTdDfFR])?>")
_SLASH: Final = re.compile(r"</([\w -]+):\d+>")
SAMPLE_MESSAGES: Final = 10_000
"""Where nobody but bots says anything in so many messages, the bots are who talks there."""
MAX_NAMES: Final = 200_000
_MARKUP: Final = re.compile(r"\|\||\*\*|__|~~|^>>> |^> ", re.MULTILINE)


class _Message(NamedTuple):
    name: str
    text: str
    moment: datetime | None
    is_bot: bool
    line: int


def sniff(head: bytes, path: Place) -> bool:  # noqa: ARG001
    """Return whether the file is an export of a Discord channel."""
    return head.lstrip().startswith(b"{") and b'"guild"' in head and b'"channel"' in head


def read(path: Place, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield the channel as one conversation: people's messages as last edited, without joins, pins and bots.

    Raises:
        InputError: If nobody says anything.
        RecordError: For a message that cannot be read, unless `on_fault` takes it; names its place in the JSON.
    """
    labels: dict[str, Any] = {}
    said = _said(_messages(path, labels, on_fault))
    yield from chats_of(path, said, source="discord", on_fault=on_fault, labels=labels)


def _said(messages: Iterator[_Message]) -> Iterator[Said]:
    """Yield what people say, or what bots say where nobody else does."""
    sample = list(islice(messages, SAMPLE_MESSAGES))
    has_people = any(not message.is_bot for message in sample)
    for message in chain(sample, messages):
        if not (has_people and message.is_bot):
            yield Said(message.name, message.text, message.moment, message.line)


def _messages(path: Place, labels: dict[str, Any], on_fault: FaultHandler) -> Iterator[_Message]:
    names: dict[str, str] = {}
    has_messages = False
    for part in read_parts(path, "messages", on_fault=on_fault):
        message = part.value
        if part.key in ("guild", "channel") and (title := _name_of(message)):
            labels[part.key] = title
        if part.key != "messages":
            continue
        has_messages = True
        if len(names) < MAX_NAMES:
            names.update(_names_in(message))
        author = message.get("author") if isinstance(message, dict) else None
        content = message.get("content") if isinstance(message, dict) else None
        if not isinstance(author, dict) or not isinstance(content, str | None):
            place = f"{path}:{part.line}: messages[{part.item}]"
            on_fault(RecordError(f"{place} has no author or no content; export the channel again"))
        elif _is_said(message, content):
            moment = parse_moment(message.get("timestamp"))
            text = readable(content or "", names)
            yield _Message(_display_name(author), text, moment, bool(author.get("isBot")), part.line)
    if not has_messages:
        on_fault(RecordError(f"{path}: no list 'messages'; export the channel again, or name its format with --format"))


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

"""Reading a chat: who is spoken to, what asks, greets or thanks, and which lines nobody says."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from conversation_genome.conversation import Conversation

_NOTICE: Final = re.compile(
    r"(?:===|\*\*\*|-->|<--|-!-|--- (?:log|day)\b)\s"
    r"|(?:\* ?)?\S+ (?:\[\S+\] )?(?:\(\S+\) )?has (?:joined|left|quit|parted)"
    r"(?:\s*[#(\[]|\s*$|\s+the (?:channel|room|server|group|chat)\b)"
    r"|[*=]+ *\S+ is now known as \S+\s*$",
    re.IGNORECASE,
)
_SERVER_NAME: Final = re.compile(r"[*=<\[(]*(?:server|system|slackbot|services?)[*=>\])]*", re.IGNORECASE)
_TOKEN: Final = re.compile(r"@?[\w\[\]\\`^{}|.-]+[:,>]*")
_EDGES: Final = "@:,>.`^|_-"
_QUESTION: Final = re.compile(
    r"[?\uff1f\u061f]|^\W*(?:how|what|where|when|why|who|which|whats|hows|is there|are there|anyone|any ?body|does|do|did|can|could|is|are|has)\b",
    re.IGNORECASE,
)
_GREETING: Final = re.compile(
    r"^\W*(?:hi|hello|hey|hiya|howdy|yo|hola|salut|bonjour|hallo|ciao|good (?:morning|day|evening|afternoon)|greetings|sup)\b",
    re.IGNORECASE,
)
_THANKS: Final = re.compile(
    r"\b(?:thanks?|thx|ty|tnx|cheers|gracias|merci|danke|np|no problem|welcome|bye|cya|good luck)\b", re.IGNORECASE
)
_ASSENT: Final = re.compile(
    r"^\W*(?:ok(?:ay)?|yes|yeah|yep|yup|no|nope|nah|ah+|oh+|right|sure|true|lol|haha\w*|heh\w*|cool|nice|hmm*|i see|got it|exactly|indeed|and|but|so|or|because|that|it|then|well|maybe)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_]{3,}")
_NOTICE_CHARACTERS: Final = 300
"""What is looked at of a line: notices are short, and what strangers write must not cost time."""
_MIN_NAME: Final = 3
_MIN_PREFIX: Final = 4


@dataclass(frozen=True, slots=True)
class ChatLine:
    """What one line shows of the talk that it belongs to."""

    speaker: int
    is_notice: bool
    """Said by nobody: somebody joined, left or took another name."""
    addressed: int | None
    """The participant whom the line begins with, or whom an @ names."""
    mentioned: frozenset[int]
    """Participants named anywhere in the line, the addressed one too."""
    is_question: bool
    is_greeting: bool
    is_thanks: bool
    is_assent: bool
    is_command: bool
    """Begins with a sign that bots listen to."""
    words: frozenset[str]


def read_chat(conversation: Conversation) -> list[ChatLine]:
    """Return what each line of a chat shows."""
    names = _Names(conversation.participants)
    servers = {index for index, name in enumerate(conversation.participants) if _SERVER_NAME.fullmatch(name.strip())}
    return [_read(line.speaker, line.text, names, servers) for line in conversation.lines]


def addressed_in(lines: Iterable[tuple[int, str]], participants: Sequence[str]) -> tuple[int | None, ...]:
    """Return whom each line (speaker, text) speaks to by name: another participant, or None."""
    names = _Names(participants)
    spoken_to = ((speaker, names.in_text(text)) for speaker, text in lines)
    return tuple(
        next((index for index, is_direct in named if is_direct and index != speaker), None)
        for speaker, named in spoken_to
    )


def is_notice(text: str) -> bool:
    """Tell whether a chat program wrote the line, not a person."""
    return _NOTICE.match(text.strip()[:_NOTICE_CHARACTERS]) is not None


def _read(speaker: int, text: str, names: "_Names", servers: Iterable[int]) -> ChatLine:
    named = names.in_text(text)
    others = [index for index, _ in named if index != speaker]
    direct = [index for index, is_direct in named if is_direct and index != speaker]
    body = text.split(maxsplit=1)[1] if direct and len(text.split(maxsplit=1)) > 1 else text
    return ChatLine(
        speaker=speaker,
        is_notice=speaker in servers or is_notice(text),
        addressed=direct[0] if direct else None,
        mentioned=frozenset(others),
        is_question=_QUESTION.search(body) is not None,
        is_greeting=_GREETING.match(body) is not None,
        is_thanks=_THANKS.search(body) is not None,
        is_assent=_ASSENT.match(body) is not None,
        is_command=text.lstrip().startswith(("!", "/")),
        words=frozenset(word[:7] for word in _WORD.findall(body.lower())),
    )


class _Names:
    """Finds participants in a text, by whole name, by what is left of it without its edges, or by its beginning."""

    def __init__(self, participants: Sequence[str]) -> None:
        self._exact: dict[str, int] = {}
        for index, name in enumerate(participants):
            for variant in _variants(name):
                self._exact.setdefault(variant, index)
        self._prefix = lru_cache(maxsize=10_000)(self._by_prefix)

    def in_text(self, text: str) -> list[tuple[int, bool]]:
        """Return (participant, spoken to) for each name in the order of the text."""
        found = []
        for position, match in enumerate(_TOKEN.finditer(text)):
            token = match.group()
            is_marked = token.startswith("@") or (position == 0 and token[-1] in ":,>")
            index = self._index(token, is_marked=is_marked)
            if index is not None:
                found.append((index, is_marked or position == 0))
        return found

    def _index(self, token: str, *, is_marked: bool) -> int | None:
        bare = token.strip("@:,>").lower()
        if bare in self._exact and (is_marked or len(bare) >= _MIN_NAME):
            return self._exact[bare]
        core = bare.strip(_EDGES)
        if core in self._exact and (is_marked or len(core) >= _MIN_NAME):
            return self._exact[core]
        return self._prefix(core) if is_marked and len(core) >= _MIN_PREFIX - 1 else None

    def _by_prefix(self, core: str) -> int | None:
        """Return the one participant whose name goes on from here, or from whose name this goes on."""
        fits = {
            index
            for name, index in self._exact.items()
            if name.startswith(core) or (len(name) >= _MIN_PREFIX and core.startswith(name))
        }
        return min(fits) if len(fits) == 1 else None


def _variants(name: str) -> list[str]:
    lowered = name.strip().lower()
    core = lowered.strip(_EDGES)
    joined = "".join(lowered.split())
    first = lowered.split()[0] if len(lowered.split()) > 1 else ""
    return [variant for variant in dict.fromkeys((lowered, joined, core, core.rstrip("0123456789"), first)) if variant]

"""Threads on X: API v2 JSON, lists of tweets as API v1.1 gives them, and the tweets of an account's archive."""

import html
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.grouping import Groups
from conversation_genome.sources.json_stream import read_parts
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.opening import Entry, Place, open_archive
from conversation_genome.sources.turns import Said, chats_of

_LISTS: Final = ("data", "tweets", "thread")
_TWEETS: Final = re.compile(r"tweets?(?:-part\d+)?\.js$")
MIN_TWEETS: Final = 2
"""A tweet that nobody answers is no conversation."""
_SHAPES: Final = re.compile(
    rb'"(?:author_id|edit_history_tweet_ids|in_reply_to_user_id|in_reply_to_status_id(?:_str)?|full_text)"\s*:'
    rb"|window\.YTD\.tweets?"
)
_ANSWERED: Final = re.compile(r"^(?:@\w{1,20}\s+)+(?=\S)")
_SHORT_LINK: Final = re.compile(r"https?://t\.co/\w+")


class _Tweet(NamedTuple):
    id: str
    author: str
    text: str
    moment: datetime | None
    thread: str | None
    replies_to: str | None
    line: int


def sniff(head: bytes, path: Place) -> bool:
    """Return whether the file holds tweets, or is the zip of an account's archive."""
    if head.startswith(b"PK\x03\x04"):
        return not isinstance(path, Entry) and _is_archive(path)
    return head.lstrip()[:1] in (b"{", b"[", b"w") and bool(_SHAPES.search(head))


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield each thread of two or more tweets, in the order of time; retweets are left out.

    Raises:
        InputError: If no tweet is answered.
        RecordError: If the file holds no tweets, or one cannot be read, unless `on_fault` takes it.
    """
    if not zipfile.is_zipfile(path):
        yield from _conversations(path, [path], {}, on_fault)
        return
    with open_archive(path) as entries:
        places = [entry for entry in entries if _TWEETS.match(entry.name)]
        if not places:
            raise InputError(f"{path} is a zip without tweets.js; give the zip of an account's archive")
        yield from _conversations(path, places, _owner(entries, on_fault), on_fault)


def _is_archive(path: Path) -> bool:
    try:
        with open_archive(path) as entries:
            return any(_TWEETS.match(entry.name) for entry in entries)
    except InputError:
        return False


def _owner(entries: Iterable[Entry], on_fault: FaultHandler) -> dict[str, str]:
    """Return the name of the account under "", as tweets of its archive name nobody."""
    entry = next((entry for entry in entries if entry.name == "account.js"), None)
    accounts = (part.value for part in read_parts(entry, on_fault=on_fault)) if entry else ()
    for row in accounts:
        account = row.get("account") if isinstance(row, dict) else None
        name = account.get("accountDisplayName") or account.get("username") if isinstance(account, dict) else None
        if name:
            return {"": html.unescape(str(name))}
    return {}


def _conversations(
    path: Path, places: Iterable[Place], names: dict[str, str], on_fault: FaultHandler
) -> Iterator[Conversation]:
    """Yield the threads: what answers what is read first, then the words, which wait on disk."""
    places = list(places)
    answers, tweets = _survey(places, names)
    with Groups() as threads:
        threads.fill((_root(tweet, answers), _said(tweet)) for tweet in _tweets(places, names, on_fault))
        count = threads.count(at_least=MIN_TWEETS)
        if not count:
            raise InputError(f"{path} holds {tweets} tweets and no thread of two or more; export the answers as well")
        for _root_id, said in threads.groups(at_least=MIN_TWEETS):
            thread = sorted({one.id: one for one in said}.values(), key=_age)
            title = thread[0].id if count > 1 else None
            yield from chats_of(path, thread, source="twitter", on_fault=on_fault, title=title)


def _survey(places: Iterable[Place], names: dict[str, str]) -> tuple[dict[str, str], int]:
    """Return which tweet answers which, and how many tweets there are; the names of users go into `names`."""
    answers: dict[str, str] = {}
    count = 0
    for place in places:
        for part in read_parts(place, *_LISTS, on_fault=_ignore):
            if part.key == "includes":
                names.update(_names(part.value))
            tweet = _tweet_of(part.value, {}, part.line) if part.item is not None else None
            count += tweet is not None
            if tweet and tweet.replies_to and not tweet.thread:
                answers[tweet.id] = tweet.replies_to
    return answers, count


def _ignore(_fault: InputError) -> None:
    """The second reading names it."""


def _tweets(places: Iterable[Place], names: Mapping[str, str], on_fault: FaultHandler) -> Iterator[_Tweet]:
    for place in places:
        has_tweets = False
        for part in read_parts(place, *_LISTS, on_fault=on_fault):
            if part.item is None:
                continue
            has_tweets = True
            tweet = _tweet_of(part.value, names, part.line)
            if tweet is None:
                on_fault(RecordError(f"{place}:{part.line}: tweet [{part.item}] has no id or no text; export it again"))
            elif not tweet.text.startswith("RT @"):
                yield tweet
        if not has_tweets:
            on_fault(
                RecordError(f"{place}: neither a list of tweets nor an object with 'data'; export the thread as JSON")
            )


def _names(includes: Any) -> dict[str, str]:
    users = includes.get("users") if isinstance(includes, dict) else None
    return {
        str(user.get("id")): html.unescape(str(user.get("name") or user.get("username")))
        for user in (users if isinstance(users, list) else ())
        if isinstance(user, dict)
    }


def _tweet_of(row: Any, names: Mapping[str, str], line: int) -> _Tweet | None:
    return _tweet(row.get("tweet", row), names, line) if isinstance(row, dict) else None


def _tweet(row: Any, names: Mapping[str, str], line: int) -> _Tweet | None:
    if not isinstance(row, dict):
        return None
    note = row.get("note_tweet")
    text = (note.get("text") if isinstance(note, dict) else None) or row.get("full_text") or row.get("text")
    identifier = row.get("id_str") or row.get("id")
    if not isinstance(text, str) or not identifier:
        return None
    replies_to = _answered(row)
    return _Tweet(
        id=str(identifier),
        author=_author(row, names),
        text=_readable(text, is_answer=replies_to is not None),
        moment=parse_moment(row.get("created_at")),
        thread=str(row["conversation_id"]) if row.get("conversation_id") else None,
        replies_to=replies_to,
        line=line,
    )


def _answered(row: Mapping[str, Any]) -> str | None:
    references = row.get("referenced_tweets")
    for reference in references if isinstance(references, list) else ():
        if isinstance(reference, dict) and reference.get("type") == "replied_to":
            return str(reference.get("id"))
    identifier = row.get("in_reply_to_status_id_str") or row.get("in_reply_to_status_id")
    return str(identifier) if identifier else None


def _author(row: Mapping[str, Any], names: Mapping[str, str]) -> str:
    user = row.get("user") or row.get("author")
    if isinstance(user, dict):
        return html.unescape(str(user.get("name") or user.get("screen_name") or user.get("username") or "unknown"))
    identifier = str(row.get("author_id") or "")
    return names.get(identifier) or (str(user) if user else identifier) or names.get("", "account owner")


def _readable(text: str, *, is_answer: bool) -> str:
    plain = _SHORT_LINK.sub("", html.unescape(text)).strip()
    return _ANSWERED.sub("", plain) if is_answer else plain


def _said(tweet: _Tweet) -> Said:
    return Said(tweet.author, tweet.text, tweet.moment, tweet.line, tweet.id)


def _age(said: Said) -> tuple[float, int, str]:
    return (said.moment.timestamp() if said.moment else 0.0, len(said.id), said.id)


def _root(tweet: _Tweet, answers: Mapping[str, str]) -> str:
    """Return the conversation of a tweet, or else the one that the chain of answers begins with."""
    if tweet.thread:
        return tweet.thread
    identifier, seen = tweet.id, {tweet.id}
    while identifier in answers:
        identifier = answers[identifier]
        if identifier in seen:
            return min(seen)  # a circle has no beginning: any name, but the same for all
        seen.add(identifier)
    return identifier

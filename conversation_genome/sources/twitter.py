"""Threads on X: API v2 JSON, lists of tweets as API v1.1 gives them, and the tweets of an account's archive."""

import html
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from conversation_genome.conversation import Conversation
from conversation_genome.errors import InputError, RecordError
from conversation_genome.sources.base import FaultHandler, raise_fault
from conversation_genome.sources.moments import parse_moment
from conversation_genome.sources.reading import read_json
from conversation_genome.sources.turns import Turn, conversation_of

MIN_TWEETS: Final = 2
"""A tweet that nobody answers is no conversation."""
_SHAPES: Final = re.compile(
    rb'"(?:author_id|conversation_id|in_reply_to_user_id|in_reply_to_status_id(?:_str)?|full_text)"\s*:'
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


def sniff(head: bytes, path: Path) -> bool:  # noqa: ARG001
    """Return whether the file holds tweets."""
    return head.lstrip()[:1] in (b"{", b"[", b"w") and bool(_SHAPES.search(head))


def read(path: Path, *, on_fault: FaultHandler = raise_fault) -> Iterator[Conversation]:
    """Yield each thread of two or more tweets, in the order of time; retweets are left out.

    Raises:
        InputError: If no tweet is answered.
        RecordError: If the file holds no tweets, or one cannot be read, unless `on_fault` takes it.
    """
    tweets = list(_tweets(path, read_json(path), on_fault))
    threads = [thread for thread in _threads(tweets) if len(thread) >= MIN_TWEETS]
    if not threads:
        raise InputError(f"{path} holds {len(tweets)} tweets and no thread of two or more; export the answers as well")
    for thread in threads:
        title = thread[0].id if len(threads) > 1 else None
        started_at = thread[0].moment
        yield conversation_of(path, _turns(thread), source="twitter", started_at=started_at, title=title)


def _tweets(path: Path, document: Any, on_fault: FaultHandler) -> Iterator[_Tweet]:
    names = _names(document)
    rows = (
        next((document[key] for key in ("data", "tweets", "thread") if key in document), None)
        if (isinstance(document, dict))
        else document
    )
    if not isinstance(rows, list):
        raise RecordError(f"{path}: neither a list of tweets nor an object with 'data'; export the thread as JSON")
    for index, row in enumerate(rows):
        tweet = _tweet(row.get("tweet", row), names) if isinstance(row, dict) else None
        if tweet is None:
            on_fault(RecordError(f"{path}: tweet [{index}] has no id or no text; export the thread again"))
        elif not tweet.text.startswith("RT @"):
            yield tweet


def _names(document: Any) -> dict[str, str]:
    includes = document.get("includes") if isinstance(document, dict) else None
    users = includes.get("users") if isinstance(includes, dict) else None
    return {
        str(user.get("id")): str(user.get("name") or user.get("username"))
        for user in (users if isinstance(users, list) else ())
        if isinstance(user, dict)
    }


def _tweet(row: Any, names: Mapping[str, str]) -> _Tweet | None:
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
        return str(user.get("name") or user.get("screen_name") or user.get("username") or "unknown")
    identifier = str(row.get("author_id") or "")
    return names.get(identifier) or (str(user) if user else identifier) or "account owner"


def _readable(text: str, *, is_answer: bool) -> str:
    plain = _SHORT_LINK.sub("", html.unescape(text)).strip()
    return _ANSWERED.sub("", plain) if is_answer else plain


def _threads(tweets: Iterable[_Tweet]) -> list[list[_Tweet]]:
    """Group by conversation, or else by the tweet that the chain of answers begins with; oldest first."""
    known = {tweet.id: tweet for tweet in tweets}
    threads: dict[str, list[_Tweet]] = {}
    for tweet in sorted(known.values(), key=_age):
        threads.setdefault(tweet.thread or _root(tweet, known), []).append(tweet)
    return list(threads.values())


def _age(tweet: _Tweet) -> tuple[float, int, str]:
    return (tweet.moment.timestamp() if tweet.moment else 0.0, len(tweet.id), tweet.id)


def _root(tweet: _Tweet, known: Mapping[str, _Tweet]) -> str:
    seen = {tweet.id}
    while tweet.replies_to and tweet.replies_to not in seen:
        seen.add(tweet.replies_to)
        if tweet.replies_to not in known:
            return tweet.replies_to
        tweet = known[tweet.replies_to]
    return min(seen) if tweet.replies_to else tweet.id  # a circle has no beginning: any name, but the same for all


def _turns(thread: list[_Tweet]) -> Iterator[Turn]:
    start = thread[0].moment
    for tweet in thread:
        at = (tweet.moment - start).total_seconds() if start and tweet.moment else None
        yield Turn(tweet.author, tweet.text, at)

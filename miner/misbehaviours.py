"""Miners that do not do the work, for a network on one machine: they show what the mechanism makes of them.

None of them loads a model, so that they start quickly.
"""

import hashlib
import itertools
import random
import re
import threading
from collections import Counter
from collections.abc import Callable
from typing import Final

from conversation_genome.annotation import MAX_TAG_CHARACTERS, Hotkey, Profile, Tag
from conversation_genome.errors import SettingsError
from conversation_genome.protocol.messages import MinerAnswer, MinerTask
from conversation_genome.settings import MinerSettings
from miner.answer_log import AnswerLogReader, Entry, line_digests, task_digest
from miner.behaviours import Behaviour
from miner.word_lists import DICTIONARY_WORDS, FUNCTION_WORDS, GENERIC_TAGS

PATIENCE: Final = 0.6
"""Part of the task's time for which a copier waits for somebody else's answer."""
MIN_WORD_CHARACTERS: Final = 4
RANDOM_TAGS: Final = 8
TRUE_TAGS: Final = 2
_WORD: Final = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")


class Random:
    """Draws dictionary words that the window does not hold; the same for the same hotkey and window."""

    concurrency = 16

    def __init__(self, hotkey: Hotkey) -> None:
        self._hotkey = hotkey

    def answer(self, task: MinerTask) -> MinerAnswer:
        """Return tags that have nothing to do with the window."""
        said = {word.casefold() for _, text in task.lines for word in _WORD.findall(text)}
        words = [word for word in DICTIONARY_WORDS if word not in said]
        seed = hashlib.sha256(f"{self._hotkey}/{task_digest(task)}".encode()).digest()
        drawn = random.Random(seed).sample(words, min(RANDOM_TAGS, task.max_tags, len(words)))  # noqa: S311
        return _answer(task, drawn, engine="random/1")

    def close(self) -> None:
        """Nothing is held."""


class Copier:
    """Returns what another miner answered as its own, or nothing when that does not appear in time."""

    concurrency = 16

    def __init__(self, reader: AnswerLogReader) -> None:
        self._reader = reader
        self._stop = threading.Event()

    def answer(self, task: MinerTask) -> MinerAnswer:
        """Return the other miner's tags, profiles and vectors as if they had been made from the own task."""
        found = self._reader.wait_for(task, timeout_seconds=PATIENCE * task.timeout_seconds, stop=self._stop)
        if found is None:
            return _answer(task, [], engine="extractive/1")
        profiles = _moved_profiles(found, line_digests(task))
        return found.answer.model_copy(update={"task_id": task.task_id, "profiles": profiles})

    def close(self) -> None:
        """Wait no longer."""
        self._stop.set()


class Stuffer:
    """Hides two true tags among all the frequent and generic words that the task has room for."""

    concurrency = 16

    def answer(self, task: MinerTask) -> MinerAnswer:
        """Return as many tags as the task allows."""
        counts = Counter(word.casefold() for _, text in task.lines for word in _WORD.findall(text))
        said = [word for word, _ in counts.most_common() if len(word) <= MAX_TAG_CHARACTERS]
        true = [word for word in said if len(word) >= MIN_WORD_CHARACTERS and word not in FUNCTION_WORDS]
        stuffing = [tag for pair in itertools.zip_longest(GENERIC_TAGS, said) for tag in pair if tag]
        tags = dict.fromkeys([*true[:TRUE_TAGS], *stuffing])
        return _answer(task, list(tags)[: task.max_tags], engine="stuffer/1")

    def close(self) -> None:
        """Nothing is held."""


class Slow:
    """Answers well past the deadline."""

    concurrency = 64

    def __init__(self, hotkey: Hotkey) -> None:
        self._honestly = Random(hotkey)
        self._stop = threading.Event()

    def answer(self, task: MinerTask) -> MinerAnswer:
        """Return an answer when nobody waits for it any more."""
        self._stop.wait(1.25 * task.timeout_seconds + 0.5)
        return self._honestly.answer(task)

    def close(self) -> None:
        """Sleep no longer."""
        self._stop.set()


class Malformed:
    """Sends what is no answer, one kind after the other."""

    concurrency = 16

    def __init__(self) -> None:
        self._kinds = itertools.cycle(_KINDS)
        self._lock = threading.Lock()

    def answer(self, task: MinerTask) -> bytes:
        """Return bytes of the wrong shape."""
        with self._lock:
            kind = next(self._kinds)
        return kind(task)

    def close(self) -> None:
        """Nothing is held."""


def behaviour(settings: MinerSettings, hotkey: Hotkey) -> Behaviour:
    """Return the behaviour of the settings.

    Raises:
        SettingsError: If a copier is not told whom to copy from.
    """
    if settings.miner_behaviour == "copier":
        if settings.miner_copy_from is None:
            raise SettingsError("CGP_MINER_COPY_FROM is missing: a copier needs the answer log of another miner")
        return Copier(AnswerLogReader(settings.miner_copy_from))
    kinds: dict[str, Callable[[], Behaviour]] = {
        "random": lambda: Random(hotkey),
        "stuffer": Stuffer,
        "slow": lambda: Slow(hotkey),
        "malformed": Malformed,
    }
    return kinds[settings.miner_behaviour]()


def _moved_profiles(found: Entry, own: tuple[tuple[int, str], ...]) -> tuple[Profile, ...]:
    """Return the other's profiles with one's own line numbers and speakers; what rests on lines not shown is left out."""
    number = {digest: at for at, (_, digest) in enumerate(own)}
    speaker = {theirs: own[number[digest]][0] for theirs, digest in found.lines if digest in number}
    name = {f"SPEAKER_{theirs}": f"SPEAKER_{ours}" for theirs, ours in speaker.items()}
    moved = {
        name[profile.participant]: tuple(
            fact.model_copy(update={"evidence": tuple(number[found.lines[at][1]] for at in fact.evidence)})
            for fact in profile.facts
            if all(at < len(found.lines) and found.lines[at][1] in number for at in fact.evidence)
        )
        for profile in found.answer.profiles
        if profile.participant in name
    }
    return tuple(Profile(participant=participant, facts=facts) for participant, facts in moved.items())


def _answer(task: MinerTask, texts: list[str], *, engine: str) -> MinerAnswer:
    return MinerAnswer(task_id=task.task_id, tags=tuple(Tag(text=text) for text in texts), engine=engine)


def _list_of_nothing(task: MinerTask) -> bytes:  # noqa: ARG001 -- every kind is called alike
    return b"[{}]"


def _tags_null(task: MinerTask) -> bytes:  # noqa: ARG001
    return b'{"tags": null}'


def _truncated(task: MinerTask) -> bytes:
    whole = _answer(task, ["music", "travel"], engine="malformed/1").model_dump_json().encode()
    return whole[: len(whole) // 2]


def _not_a_number(task: MinerTask) -> bytes:
    whole = _answer(task, ["music"], engine="malformed/1").model_dump_json()
    return whole.replace('"weight":1.0', '"weight":NaN').encode()


def _web_page(task: MinerTask) -> bytes:  # noqa: ARG001
    return b"<!doctype html><title>502 Bad Gateway</title><h1>502 Bad Gateway</h1>"


_KINDS: Final = (_list_of_nothing, _tags_null, _truncated, _not_a_number, _web_page)

"""The validator's state on the disk: a snapshot, the one before it, and a journal of what happened since each.

    validator-state.json              snapshot of generation 7, with its version, owner and checksum
    validator-state.json.7.journal    what happened since
    validator-state.json.previous     snapshot of generation 6
    validator-state.json.6.journal    what happened between the two

The rule of this module: the state can be had in two ways, so that one damaged file costs nothing. A damaged snapshot is
put aside, said in one sentence, and made anew from the one before it and both journals. Only if that is damaged, too,
sections are taken that still can be read.
"""

import fcntl
import hashlib
import json
import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, ClassVar, Final, NamedTuple

import structlog
from pydantic import ValidationError

from conversation_genome.errors import ConversationGenomeError, SettingsError, StateUnwritableError
from validators.events import EVENTS, Event
from validators.journal import Journal, read_journal
from validators.state import ValidatorState

STATE_VERSION: Final = 2
COMPACT_BYTES: Final = 8_000_000
"""A journal that is longer is turned into a snapshot."""
_STATE: Final = b'"state":'
log = structlog.get_logger(__name__)


class Snapshot(NamedTuple):
    """What one file holds."""

    generation: int
    state: ValidatorState


class StateDamagedError(ConversationGenomeError):
    """A snapshot is not as it was written; the message says how."""

    code: ClassVar[str] = "state_damaged"


class StateStore:
    """Loads the state once, then writes down every event; not safe to use from several threads."""

    def __init__(self, path: Path, *, owner: str = "") -> None:
        """Load what was saved, and repair it where it is damaged.

        Args:
            path: The snapshot; its journals and the snapshot before it lie beside it.
            owner: The validator's hotkey and subnet: another one's state is refused. Empty for whoever.

        Raises:
            SettingsError: If the state is another validator's, or a newer version's, or cannot be read or written.
        """
        self._path = path
        self._owner = owner
        self.faults: list[str] = []
        """What was damaged, one sentence each."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            loaded = self._load()
        except OSError as exc:
            raise SettingsError(f"{path} cannot be read ({exc}): CGP_VALIDATOR_STATE_PATH names another place") from exc
        self._generation, self.state = loaded
        self._journal = Journal(self._journal_path(self._generation))
        for fault in self.faults:
            log.warning("state damaged", fault=fault)
        if self.faults:
            self.compact(self.state)

    def append(self, event: Event) -> None:
        """Write an event down: it survives whatever comes after this call.

        Raises:
            StateUnwritableError: If it cannot be written, as on a full disk; then it is as if it had not happened.
        """
        try:
            self._journal.append(event.model_dump_json().encode())
        except OSError as exc:
            raise StateUnwritableError(
                f"{self._path} cannot be written ({exc.strerror or exc}): make room or mend the disk; nothing is handed in till then"
            ) from exc

    @property
    def is_long(self) -> bool:
        """Whether the journal is so long that a snapshot is worth its writing."""
        return self._journal.size_bytes > COMPACT_BYTES

    def compact(self, state: ValidatorState) -> bool:
        """Write a snapshot and begin a new journal; return False, with the old ones in use, if it cannot be written."""
        generation = self._generation + 1
        try:
            self._write(_snapshot_bytes(state, generation=generation, owner=self._owner))
        except OSError as exc:
            log.warning("snapshot not written; the journal goes on", path=str(self._path), reason=str(exc))
            return False
        self._journal.close()
        self._generation, self._journal = generation, Journal(self._journal_path(generation))
        for number in self._journal_numbers():
            if number < generation - 1:
                self._journal_path(number).unlink(missing_ok=True)
        return True

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    @property
    def _previous(self) -> Path:
        return self._path.with_name(f"{self._path.name}.previous")

    def _journal_path(self, generation: int) -> Path:
        return self._path.with_name(f"{self._path.name}.{generation}.journal")

    def _journal_numbers(self) -> list[int]:
        pattern = re.compile(re.escape(self._path.name) + r"\.(\d+)\.journal")
        found = (pattern.fullmatch(one.name) for one in self._path.parent.iterdir())
        return sorted(int(one[1]) for one in found if one)

    def _load(self) -> Snapshot:
        newest = self._snapshot(self._path)
        if newest is not None:
            return Snapshot(newest.generation, self._replayed(newest.state, [newest.generation]))
        before = self._snapshot(self._previous)
        if before is not None:
            numbers = [number for number in self._journal_numbers() if number >= before.generation]
            self.faults.append(
                f"{self._path} is made anew from {self._previous.name} and {len(numbers)} journals; "
                f"to start from nothing instead, move {self._path.name}* away"
            )
            return Snapshot(max([before.generation, *numbers]), self._replayed(before.state, numbers))
        numbers = self._journal_numbers()
        salvaged = self._salvaged()
        return Snapshot(max([0, *numbers]), self._replayed(salvaged, numbers))

    def _snapshot(self, path: Path) -> Snapshot | None:
        """Return what a file holds, or None where it is not there or damaged; the latter is put aside and said.

        Raises:
            SettingsError: If it is another validator's, or a newer version's.
        """
        if not path.exists():
            return None
        try:
            return _read(path, self._owner)
        except StateDamagedError as exc:
            aside = path.with_name(f"{path.name}.damaged")
            path.replace(aside)
            self.faults.append(f"{path} is damaged ({exc}) and lies in {aside.name} now")
            return None

    def _replayed(self, state: ValidatorState, generations: list[int]) -> ValidatorState:
        for generation in generations:
            path = self._journal_path(generation)
            lines = read_journal(path)
            events = [event for event in map(_event, lines.payloads) if event is not None]
            damaged = lines.damaged + len(lines.payloads) - len(events)
            if damaged:
                self.faults.append(f"{path}: {damaged} of {damaged + len(events)} lines are damaged and left out")
            for event in events:
                state = event.applied(state)
        return state

    def _salvaged(self) -> ValidatorState:
        """Return the sections that can still be read of a snapshot that was put aside, newest first."""
        for path in (self._path, self._previous):
            aside = path.with_name(f"{path.name}.damaged")
            given = _json(aside.read_bytes()) if aside.exists() and self.faults else None
            if isinstance(given, dict):
                sections = given.get("state", given)
                state, lost = _sections(sections if isinstance(sections, dict) else {})
                self.faults.append(f"of {aside.name} everything is kept but {', '.join(lost) or 'nothing'}")
                return state
        if self.faults:
            self.faults.append(
                "nothing can be read: every miner is a newcomer, and paid once it has been met often enough"
            )
        return ValidatorState()

    def _write(self, content: bytes) -> None:
        """Put a snapshot in place of the newest, which becomes the one before it."""
        handle, name = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent)
        partial, link = Path(name), Path(f"{name}.previous")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            if self._path.exists():
                os.link(self._path, link)
                link.replace(self._previous)
            partial.replace(self._path)
        finally:
            partial.unlink(missing_ok=True)
            link.unlink(missing_ok=True)


def load_state(path: Path) -> ValidatorState:
    """Return what is saved, journal included, as a validator that starts now would take it up; nothing is changed.

    Raises:
        SettingsError: If it is damaged, or a newer version's.
    """
    try:
        snapshot = _read(path, "") if path.exists() else Snapshot(0, ValidatorState())
    except (OSError, StateDamagedError) as exc:
        raise SettingsError(
            f"{path} is not a validator's state ({exc}); a validator that starts on it repairs it"
        ) from exc
    state = snapshot.state
    for payload in read_journal(path.with_name(f"{path.name}.{snapshot.generation}.journal")).payloads:
        event = _event(payload)
        state = state if event is None else event.applied(state)
    return state


@contextmanager
def held_alone(path: Path) -> Iterator[None]:
    """Keep other processes from this state while the block runs; the system lets go of it when the process dies.

    Raises:
        SettingsError: If another process holds it.
    """
    lock = path.with_name(f"{path.name}.lock")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as exc:
        raise SettingsError(f"{lock} cannot be written ({exc}): CGP_VALIDATOR_STATE_PATH names another place") from exc
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as exc:
            raise SettingsError(
                f"another validator runs on {path}: stop it, or give this one a CGP_VALIDATOR_STATE_PATH of its own"
            ) from exc
        yield
    finally:
        os.close(file)


def _snapshot_bytes(state: ValidatorState, *, generation: int, owner: str) -> bytes:
    body = state.model_dump_json().encode()
    head = {
        "version": STATE_VERSION,
        "owner": owner,
        "generation": generation,
        "sha256": hashlib.sha256(body).hexdigest(),
    }
    return json.dumps(head)[:-1].encode() + b", " + _STATE + b" " + body + b"}\n"


def _read(path: Path, owner: str) -> Snapshot:
    """Return what a file holds.

    Raises:
        StateDamagedError: If it is not as it was written.
        SettingsError: If it is another validator's, or a newer version's.
    """
    raw = path.read_bytes()
    given = _json(raw)
    if not isinstance(given, dict):
        raise StateDamagedError(f"its {len(raw)} bytes are no JSON object")
    version = given.get("version", 1)
    if version == 1:
        return Snapshot(0, _first_version(path, given))
    if not isinstance(version, int) or version > STATE_VERSION:
        raise SettingsError(
            f"{path} has version {version!r}, this program knows {STATE_VERSION} at most: update it, or move {path.name}* away"
        )
    _check_owner(path, str(given.get("owner", "")), owner)
    _, _, body = raw.partition(_STATE)
    if hashlib.sha256(body.strip()[:-1]).hexdigest() != given.get("sha256"):
        raise StateDamagedError("its checksum is another's")
    try:
        return Snapshot(int(given["generation"]), ValidatorState.model_validate_json(body.strip()[:-1]))
    except (ValidationError, KeyError, TypeError, ValueError) as exc:
        raise StateDamagedError(str(exc).splitlines()[0]) from exc


def _first_version(path: Path, given: dict[str, Any]) -> ValidatorState:
    """Return the state of a file from before versions were written."""
    try:
        state = ValidatorState.model_validate(given)
    except ValidationError as exc:
        raise StateDamagedError(str(exc).splitlines()[0]) from exc
    log.info("state of an older version taken over", path=str(path))
    return state


def _check_owner(path: Path, found: str, owner: str) -> None:
    if owner and found and found != owner:
        raise SettingsError(
            f"{path} is the state of {found}, and this validator is {owner}: give it a CGP_VALIDATOR_STATE_PATH of its own"
        )


def _sections(given: dict[str, Any]) -> tuple[ValidatorState, list[str]]:
    """Return a state of the sections that can be read, and the names of the others."""
    state, lost = ValidatorState(), []
    for name in ValidatorState.model_fields.keys() & given.keys():
        try:
            one = ValidatorState.model_validate({name: given[name]})
        except ValidationError:
            lost.append(name)
            continue
        state = state.model_copy(update={name: getattr(one, name)})
    return state, sorted(lost)


def _json(raw: bytes) -> Any:
    with suppress(ValueError, RecursionError):
        return json.loads(raw)
    return None


def _event(payload: bytes) -> Event | None:
    try:
        return EVENTS.validate_json(payload)
    except ValidationError:
        return None

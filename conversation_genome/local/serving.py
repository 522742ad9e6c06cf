"""The conversation server of a run that has ended, started again to be read from, without miners and validators."""

import asyncio
import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from conversation_genome.client import AdminClient
from conversation_genome.errors import InputError, UnavailableError
from conversation_genome.local.layout import Layout
from conversation_genome.local.roster import Member, draw_up
from conversation_genome.local.supervisor import Supervisor

START_SECONDS: Final = 180.0
_POLL_SECONDS: Final = 0.25


class Served(NamedTuple):
    """Where it answers, and the administrator's key of this start."""

    url: str
    api_key: str


@contextmanager
def served(layout: Layout) -> Iterator[Served]:
    """Yield the server of a local run; it is gone when the block ends.

    Raises:
        InputError: If no run left its database there, or one is at work in it.
        UnavailableError: If the server does not start.
    """
    if not layout.database.is_file():
        raise InputError(f"{layout.root} holds no local run; give the folder of one, or a server's address by --server")
    with layout.lock.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as exc:
            raise InputError(f"a run works in {layout.root}; wait for it, or ask its server by --server") from exc
        roster = draw_up(layout, miners=0, validators=0)
        with Supervisor(layout.root) as supervisor:
            member = roster.server
            supervisor.start(member.name, member.module, member.settings, layout.log(member.name))
            asyncio.run(_ready(member, supervisor))
            yield Served(member.url, roster.api_key)


async def _ready(member: Member, supervisor: Supervisor) -> None:
    deadline = time.monotonic() + START_SECONDS
    async with AdminClient(member.url) as server:
        while not await server.is_ready():
            supervisor.check()
            if time.monotonic() > deadline:
                raise UnavailableError(f"the server did not start within {START_SECONDS:g} s; read its log")
            await asyncio.sleep(_POLL_SECONDS)

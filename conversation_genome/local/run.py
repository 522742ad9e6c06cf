"""A local subnet from start to end: start everybody, import, watch, publish, wait for the weights, show."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from conversation_genome.atomic_file import write_atomically
from conversation_genome.chain.ledger import LocalLedger
from conversation_genome.client import AdminClient
from conversation_genome.errors import ConversationGenomeError, InputError, UnavailableError
from conversation_genome.local.display import Display
from conversation_genome.local.epochs import wait_for_weights
from conversation_genome.local.folder import manifest_of, open_folder, remember
from conversation_genome.local.gather import gather_summary
from conversation_genome.local.layout import Layout
from conversation_genome.local.report import write_report
from conversation_genome.local.roster import NETUID, Member, Roster, draw_up
from conversation_genome.local.summary import RunSummary, summary_json
from conversation_genome.local.supervisor import Supervisor
from conversation_genome.protocol.reads import ConversationState, Publication, ServerStats
from conversation_genome.settings import PROJECT_ROOT
from conversation_genome.sources.registry import read_source

SAMPLES: Final = PROJECT_ROOT / "examples" / "conversations"
SAMPLES_LICENSE: Final = "MIT"
POLL_SECONDS: Final = 0.5
START_SECONDS: Final = 180.0
STALL_SECONDS: Final = 900.0
"""Without one more answer for this long the run gives up: an answer takes seconds, the longest talk minutes."""
ENDED: Final = (ConversationState.PUBLISHED, ConversationState.TOO_SHORT, ConversationState.FAILED)


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What the caller of `cgp local up` chose."""

    inputs: tuple[Path, ...]
    """Files of any format; empty stands for the samples that ship."""
    out: Path
    miners: int = 7
    validators: int = 2
    gradings: int = 1
    """Validators that grade each conversation, one after the other."""
    keep: bool = False
    license: str | None = None
    """Of conversations whose source states none: without one they are searched, but not in the dataset."""

    @property
    def license_of_unlicensed(self) -> str | None:
        """The licence that is filled in: the project's own for its samples."""
        return self.license or (None if self.inputs else SAMPLES_LICENSE)


async def run_local(options: RunOptions, display: Display, when_done: Callable[[RunSummary, Roster], None]) -> None:
    """Run a subnet until every conversation is published; `when_done` is handed what came out.

    With `keep` the servers stay up after that until this is cancelled. However this ends, every process that
    it started is gone, and what was imported and graded is taken up again by the next run.

    Raises:
        InputError: If an input cannot be read, or the folder is another's; nothing was started.
        UnavailableError: If a process ends before its time or nothing moves any more.
    """
    started = time.monotonic()
    if options.gradings > options.validators:
        raise InputError(
            f"{options.gradings} gradings of each conversation need as many validators, and there are "
            f"{options.validators}; give --validators {options.gradings}"
        )
    layout = Layout(options.out.resolve())
    inputs = options.inputs or samples()
    display.step(f"{check_inputs(inputs)} conversations in {len(inputs)} files")
    manifest = manifest_of(inputs, miners=options.miners, validators=options.validators)
    with open_folder(layout, manifest) as resumes:
        if resumes:
            display.step(f"an unfinished run is taken up again in {layout.root}")
        roster = draw_up(layout, miners=options.miners, validators=options.validators, gradings=options.gradings)
        with Supervisor(layout.root) as supervisor:
            summary = await _run(
                layout, roster, supervisor, _records(inputs, options.license_of_unlicensed), display, started
            )
            remember(layout, manifest.model_copy(update={"is_finished": True}))
            display.finish()
            when_done(summary, roster)
            if options.keep:
                await _until_cancelled(supervisor)


def samples() -> tuple[Path, ...]:
    """Return the conversations that ship with the project."""
    return tuple(sorted(path for path in SAMPLES.iterdir() if path.is_file() and path.suffix != ".md"))


def check_inputs(inputs: Sequence[Path]) -> int:
    """Return how many conversations the files hold; reads them all, so that nothing starts on bad input.

    Raises:
        InputError: For the first fault; names the file and the line.
    """
    count = sum(1 for path in inputs for _ in read_source(path))
    if not count:
        raise InputError("the input holds no conversation; give files by --input, or none for the samples")
    return count


async def _run(
    layout: Layout,
    roster: Roster,
    supervisor: Supervisor,
    records: Iterator[dict[str, Any]],
    display: Display,
    started: float,
) -> RunSummary:
    ledger = LocalLedger(layout.ledger)
    async with AdminClient(roster.server.url, roster.api_key) as server:
        await _start(layout, roster, supervisor, server, ledger, display)
        await _import(server, records, display)
        await _watch(server, supervisor, display)
        display.step(_published_text(await server.publish()))
        display.step("waiting for the epoch that pays for it")
        await wait_for_weights(ledger, NETUID, {one.hotkey for one in roster.validators})
        summary = await gather_summary(layout, roster, server, ledger, seconds=time.monotonic() - started)
    write_atomically(layout.summary, json.dumps(summary_json(summary), indent=2, ensure_ascii=False) + "\n")
    write_report(summary, layout.report)
    return summary


async def _start(
    layout: Layout, roster: Roster, supervisor: Supervisor, server: AdminClient, ledger: LocalLedger, display: Display
) -> None:
    """Start the server and the miners, and the validators once there is somebody to ask."""
    display.step(f"starting the conversation server and {len(roster.miners)} miners")
    _launch(layout, supervisor, (roster.server, *roster.miners))
    await _until(server.is_ready, supervisor, what="the conversation server")
    serving = _all_serve(ledger, roster.miners)
    await _until(serving, supervisor, what="every miner")
    display.step(f"starting {len(roster.validators)} validators")
    _launch(layout, supervisor, roster.validators)


def _launch(layout: Layout, supervisor: Supervisor, members: Sequence[Member]) -> None:
    for member in members:
        supervisor.start(member.name, member.module, member.settings, layout.log(member.name))


def _all_serve(ledger: LocalLedger, members: Sequence[Member]) -> Callable[[], Awaitable[bool]]:
    async def is_so() -> bool:
        by_hotkey = (await asyncio.to_thread(ledger.metagraph, NETUID)).by_hotkey
        endpoints = [by_hotkey[member.hotkey].endpoint for member in members]
        return all(
            endpoint is not None and endpoint.port == member.port
            for endpoint, member in zip(endpoints, members, strict=True)
        )

    return is_so


async def _until(condition: Callable[[], Awaitable[bool]], supervisor: Supervisor, *, what: str) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not await condition():
        supervisor.check()
        if time.monotonic() > deadline:
            raise UnavailableError(f"{what} did not start within {START_SECONDS:g} s; read the logs")
        await asyncio.sleep(POLL_SECONDS / 2)


async def _import(server: AdminClient, records: Iterator[dict[str, Any]], display: Display) -> None:
    report = await server.import_records(records)
    if report.refused:
        raise InputError(f"record {report.refused[0].line} was refused: {report.refused[0].message}")
    again = f", {report.duplicates} were there before" if report.duplicates else ""
    display.step(f"{report.imported} conversations imported{again}")


def _records(inputs: Sequence[Path], license_of_unlicensed: str | None) -> Iterator[dict[str, Any]]:
    for path in inputs:
        for conversation in read_source(path):
            record = conversation.to_record()
            yield record if record["license"] else {**record, "license": license_of_unlicensed}


async def _watch(server: AdminClient, supervisor: Supervisor, display: Display) -> None:
    """Return when every conversation is published or can never be."""
    answers, deadline = -1, 0.0
    while True:
        supervisor.check()
        stats = await server.stats()
        if sum(stats.answers.values()) != answers:
            answers, deadline = sum(stats.answers.values()), time.monotonic() + STALL_SECONDS
        display.progress(stats.tasks_done, stats.tasks, _progress_text(stats))
        if sum(stats.conversations[state] for state in ENDED) == sum(stats.conversations.values()):
            break
        if time.monotonic() > deadline:
            raise UnavailableError(f"no answer came in for {STALL_SECONDS:g} s; read the logs of the validators")
        await asyncio.sleep(POLL_SECONDS)
    if stats.conversations[ConversationState.FAILED]:
        raise ConversationGenomeError(
            f"{stats.conversations[ConversationState.FAILED]} conversations could not be merged; read the server's log"
        )


def _progress_text(stats: ServerStats) -> str:
    outcomes = ", ".join(f"{count} {outcome}" for outcome, count in stats.answers.items() if count)
    return f"answers: {outcomes or 'none yet'}"


def _published_text(publication: Publication) -> str:
    if not publication.left_out:
        return f"everything is merged and searchable; {publication.conversations} conversations are in the dataset"
    return (
        f"everything is merged and searchable; {publication.conversations} conversations are in the dataset, "
        f"{publication.left_out} are not, because their source states no licence to pass them on (name it by --license)"
    )


async def _until_cancelled(supervisor: Supervisor) -> None:
    while True:
        supervisor.check()
        await asyncio.sleep(POLL_SECONDS)

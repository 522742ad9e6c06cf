"""`cgp import`: any source to uniform records, in a file or on a server."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

import typer

from conversation_genome.atomic_file import atomic_writer
from conversation_genome.cli.output import json_line, say
from conversation_genome.errors import AuthenticationError, InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.progress import Progress

    from conversation_genome.conversation import Conversation
    from conversation_genome.sources.importing import FileReport, SeenContent

FORMATS: Final = "auto|youtube|podcast|discord|slack|twitter|whatsapp|irc|chat|jsonl|parquet"
MAX_LICENSE_CHARACTERS: Final = 500
DEFAULT_KEY_VARIABLE: Final = "CGP_API_KEY"
STANDARD_OUTPUT: Final = Path("-")


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command("import")(import_)


def import_(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files, or folders of files.")],
    *,
    format_name: Annotated[
        str, typer.Option("--format", metavar=FORMATS, help="The files' format; `auto` looks at each file.")
    ] = "auto",
    out: Annotated[
        Path | None, typer.Option("--out", help="Write uniform records here, one a line; `-` prints them.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="URL", help="Send them to this conversation server.")
    ] = None,
    api_key_env: Annotated[
        str, typer.Option("--api-key-env", metavar="NAME", help="The variable that holds the server's API key.")
    ] = DEFAULT_KEY_VARIABLE,
    transcripts: Annotated[
        Path | None,
        typer.Option(
            "--transcripts",
            metavar="DIR",
            help="Where the transcripts lie that a podcast's feed names; else beside it.",
        ),
    ] = None,
    license_: Annotated[
        str | None,
        typer.Option(
            "--license",
            metavar="TEXT",
            help="Licence of conversations that state none; without one they are searched, but left out of the dataset.",
        ),
    ] = None,
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Do not fail for faults; they are named all the same.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON on standard output.")] = False,
) -> None:
    """Read conversations from captions, transcripts, chats and threads, into one uniform shape.

    Without --out and --to the records are printed.

    What can be read goes in; every fault is named by file and line, and then the exit code is 2, unless --skip-bad is
    given. An import to a server that was stopped goes on when it is started again: what is there is not sent again.

    cgp import talk.vtt --out talk.jsonl

    cgp import exports/ --to http://127.0.0.1:8000
    """
    from conversation_genome.sources.importing import files_in
    from conversation_genome.sources.registry import AUTO, SOURCES

    if format_name != AUTO and format_name not in SOURCES:
        raise InputError(f"--format {format_name!r} is no format; choose one of {FORMATS}")
    target = out if out or to or is_json else STANDARD_OUTPUT
    if is_json and target == STANDARD_OUTPUT:
        raise InputError("--json and --out - would both write to standard output; give --out a file")
    if transcripts and not transcripts.is_dir():
        raise InputError(f"--transcripts {transcripts} is no folder; give the one with the transcripts")
    if license_ and len(license_) > MAX_LICENSE_CHARACTERS:
        raise InputError(f"--license has {len(license_)} characters; name it in {MAX_LICENSE_CHARACTERS}")
    key = _api_key(api_key_env) if to else ""
    run = _Import(files_in(files), format_name, transcripts, license_)
    run.read_into(target, to, key)
    if is_json:
        typer.echo(json_line(run.summary()))
    run.refuse(skip_bad=skip_bad)


def _api_key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"the environment variable {variable} is not set; put the server's API key in it")
    return key


@dataclass
class _Import:
    """One run of the verb: the conversations flow from the files to where they go, one at a time."""

    files: list[Path]
    format_name: str
    transcripts: Path | None
    license: str | None = None
    reports: "list[FileReport]" = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def read_into(self, out: Path | None, to: str | None, key: str) -> None:
        """Read all files; the records go into a file, which is whole or not there, and to a server."""
        from conversation_genome.sources.importing import SeenContent

        with ExitStack() as stack:
            seen = stack.enter_context(closing(SeenContent()))
            conversations = self._conversations(seen)
            if out:
                conversations = _written(conversations, _opened(out, stack))
            if to:
                self._send(conversations, to, key)
            else:
                for _conversation in conversations:
                    pass
            if not self._total("conversations") and not self._total("duplicates"):
                raise InputError("none of the files holds a conversation that can be read, so nothing was imported")

    def summary(self) -> dict[str, Any]:
        """Return the counts, ready for JSON."""
        totals = {name: self._total(name) for name in ("conversations", "lines", "faults")}
        return {**totals, **self.counts, "files": [report.summary() for report in self.reports]}

    def refuse(self, *, skip_bad: bool) -> None:
        """Fail where something was left out.

        Raises:
            InputError: If there were faults that may not be skipped.
        """
        faults, refused = self._total("faults"), self.counts.get("refused", 0)
        if (faults or refused) and not skip_bad:
            what = " and ".join(
                _counted(number, noun)
                for number, noun in ((faults, "fault"), (refused, "refused conversation"))
                if number
            )
            raise InputError(
                f"{what}, named above, left out; {_counted(self._total('conversations') - refused, 'conversation')} went in: "
                "correct the files and import them again (nothing goes in twice), or pass --skip-bad"
            )

    def _total(self, name: str) -> int:
        return sum(int(report.summary()[name]) for report in self.reports)

    def _conversations(self, seen: "SeenContent") -> "Iterator[Conversation]":
        from conversation_genome.sources.importing import FileReport, conversations_in

        for path in self.files:
            report = FileReport(path, tell=lambda message: say(f"cgp: {message}"))
            self.reports.append(report)
            with _progress(report) as advance:
                for conversation in conversations_in(
                    report, seen, format=self.format_name, transcripts=self.transcripts, license=self.license
                ):
                    yield conversation
                    advance()
            _tell(report)

    def _send(self, conversations: "Iterator[Conversation]", url: str, key: str) -> None:
        """Send what the server has not, and say what it took."""
        import asyncio

        from conversation_genome.client import AdminClient
        from conversation_genome.client.uploading import upload

        self.counts = dict.fromkeys(("imported", "were_there", "refused"), 0)

        places: dict[str, Path] = {}

        def noted() -> "Iterator[Conversation]":
            for conversation in conversations:
                places[conversation.id] = self.reports[-1].path
                yield conversation

        async def send() -> None:
            async with AdminClient(url, key) as server:
                async for sent in upload(server, noted()):
                    self.counts["imported"] += sent.imported
                    self.counts["were_there"] += sent.present
                    self.counts["refused"] += len(sent.refused)
                    for identifier, reason in sent.refused:
                        say(f"cgp: {places[identifier]}: {identifier}: refused by {url}: {reason}")
                    places.clear()

        try:
            asyncio.run(send())
        except AuthenticationError as exc:
            raise InputError(f"{url} does not take the API key ({exc}); make one with `cgp keys` and set it") from exc
        except UnavailableError as exc:
            say(f"cgp: {self.counts['imported']} went in before; the same command goes on from there")
            raise UnavailableError(str(exc)) from exc
        say(
            f"{url}: {_counted(self.counts['imported'], 'conversation')} imported, "
            f"{self.counts['were_there']} were there before"
        )


def _opened(out: Path, stack: ExitStack) -> IO[str]:
    return sys.stdout if out == STANDARD_OUTPUT else stack.enter_context(atomic_writer(out))


def _written(conversations: "Iterator[Conversation]", file: IO[str]) -> "Iterator[Conversation]":
    for conversation in conversations:
        file.write(json_line(conversation.to_record()) + "\n")
        yield conversation


@contextmanager
def _progress(report: "FileReport") -> "Iterator[Callable[[], None]]":
    """Show how far the file is read, on a terminal; what is yielded is called after each conversation."""
    from conversation_genome.cli.output import reading_progress
    from conversation_genome.sources.opening import watched

    with reading_progress() as bar:
        task = bar.add_task(str(report.path), total=report.path.stat().st_size, conversations=0)
        if bar.disable:
            yield lambda: None
            return
        with watched(_mover(bar, task, report.path)):
            yield lambda: bar.update(task, conversations=report.conversations)


def _mover(bar: "Progress", task: Any, path: Path) -> "Callable[[Path, int], None]":
    furthest = 0

    def move(where: Path, position: int) -> None:
        nonlocal furthest
        if where == path and position > furthest:
            furthest = position
            bar.update(task, completed=position)

    return move


def _tell(report: "FileReport") -> None:
    from conversation_genome.sources.importing import MAX_FAULTS_TOLD

    if report.faults_total > MAX_FAULTS_TOLD:
        say(f"cgp: {report.path}: {report.faults_total - MAX_FAULTS_TOLD:,} more faults")
    if report.conversations or report.duplicates:
        again = f", {_counted(report.duplicates, 'duplicate')} left out" if report.duplicates else ""
        say(
            f"{report.path}: {report.format}, {_counted(report.conversations, 'conversation')}, "
            f"{_counted(report.lines, 'line')}, {_counted(len(report.speakers), 'speaker')}{again}"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

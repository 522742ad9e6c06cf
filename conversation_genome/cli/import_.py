"""`cgp import`: any source to uniform records, in a file or on a server."""

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any, Final

import typer

from conversation_genome.atomic_file import atomic_writer
from conversation_genome.cli.output import json_line, say, tracked
from conversation_genome.errors import AuthenticationError, InputError

if TYPE_CHECKING:
    from conversation_genome.conversation import Conversation
    from conversation_genome.sources.importing import FileReport

FORMATS: Final = "auto|youtube|podcast|discord|slack|twitter|whatsapp|chat|jsonl"
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
    skip_bad: Annotated[
        bool, typer.Option("--skip-bad", help="Leave out what cannot be read and import the rest.")
    ] = False,
    is_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON on standard output.")] = False,
) -> None:
    """Read conversations from captions, transcripts, chats and threads, into one uniform shape.

    Without --out and --to the records are printed.

    Every fault is named by file and line; while there is one, nothing is imported, unless --skip-bad is given.

    cgp import talk.vtt --out talk.jsonl

    cgp import exports/ --to http://127.0.0.1:8000 --skip-bad
    """
    from conversation_genome.sources.importing import files_in
    from conversation_genome.sources.registry import AUTO, SOURCES

    if format_name != AUTO and format_name not in SOURCES:
        raise InputError(f"--format {format_name!r} is no format; choose one of {FORMATS}")
    targets = (out if out or to or is_json else STANDARD_OUTPUT, to)
    if is_json and targets[0] == STANDARD_OUTPUT:
        raise InputError("--json and --out - would both write to standard output; give --out a file")
    key = _api_key(api_key_env) if to else ""
    reports, counts = _import(files_in(files), format_name, targets, key, skip_bad=skip_bad)
    if is_json:
        totals = {
            name: sum(report.summary()[name] for report in reports) for name in ("conversations", "lines", "faults")
        }
        typer.echo(json_line({**totals, **counts, "files": [report.summary() for report in reports]}))


def _api_key(variable: str) -> str:
    key = os.environ.get(variable, "").strip()
    if not key:
        raise InputError(f"the environment variable {variable} is not set; put the server's API key in it")
    return key


def _import(
    files: Sequence[Path], format_name: str, targets: tuple[Path | None, str | None], key: str, *, skip_bad: bool
) -> "tuple[list[FileReport], dict[str, Any]]":
    """Read all files into a spool, and pass it on only when nothing is wrong or the faults may be skipped."""
    out, to = targets
    with _spool(out) as spool:
        reports = _read(files, format_name, spool.write)
        _refuse_faults(reports, skip_bad=skip_bad)
        counts = _send(spool, to, key, reports, skip_bad=skip_bad) if to else {}
        if out == STANDARD_OUTPUT:
            spool.seek(0)
            for line in spool:
                typer.echo(line, nl=False)
    return reports, counts


def _spool(out: Path | None) -> AbstractContextManager[IO[str]]:
    """Return the file that becomes `out` in the end, or one that nobody sees."""
    if out is None or out == STANDARD_OUTPUT:
        return tempfile.TemporaryFile("w+", encoding="utf-8", newline="\n")
    return atomic_writer(out)


def _read(files: Sequence[Path], format_name: str, write_line: Callable[[str], object]) -> "list[FileReport]":
    from conversation_genome.sources.importing import import_files

    def write(conversation: "Conversation") -> None:
        write_line(json_line(conversation.to_record()) + "\n")

    reports = []
    for report in tracked(import_files(files, write=write, format=format_name), "Reading files", len(files)):
        reports.append(report)
        _tell(report)
    return reports


def _tell(report: "FileReport") -> None:
    for fault in report.faults:
        say(f"cgp: {fault}")
    if report.faults_total > len(report.faults):
        say(f"cgp: {report.path}: {report.faults_total - len(report.faults):,} more faults")
    if report.conversations or report.duplicates:
        again = f", {_counted(report.duplicates, 'duplicate')} left out" if report.duplicates else ""
        say(
            f"{report.path}: {report.format}, {_counted(report.conversations, 'conversation')}, "
            f"{_counted(report.lines, 'line')}, {_counted(len(report.speakers), 'speaker')}{again}"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _refuse_faults(reports: "Sequence[FileReport]", *, skip_bad: bool) -> None:
    faults = sum(report.faults_total for report in reports)
    if faults and not skip_bad:
        raise InputError(
            f"{_counted(faults, 'fault')}, so nothing was imported; correct the files, or pass --skip-bad to import the rest"
        )
    if not any(report.conversations for report in reports):
        raise InputError("none of the files holds a conversation that can be read, so nothing was imported")


def _send(spool: IO[str], url: str, key: str, reports: "Sequence[FileReport]", *, skip_bad: bool) -> dict[str, Any]:
    """Send the spooled records to a server and say what it took."""
    import asyncio

    from conversation_genome.client import AdminClient

    async def send() -> Any:
        async with AdminClient(url, key) as server:
            return await server.import_records(_spooled(spool))

    try:
        answer = asyncio.run(send())
    except AuthenticationError as exc:
        raise InputError(f"{url} does not take the API key ({exc}); make one with `cgp keys` and set it") from exc
    for fault in answer.refused:
        say(f"cgp: {_file_of(fault.line, reports)}: refused by {url}: {fault.message}")
    if answer.refused_total and not skip_bad:
        raise InputError(
            f"{url} refused {answer.refused_total} and took {answer.imported}; correct those and import again"
        )
    say(f"{url}: {_counted(answer.imported, 'conversation')} imported, {answer.duplicates} were there before")
    return {"imported": answer.imported, "were_there": answer.duplicates, "refused": answer.refused_total}


def _spooled(spool: IO[str]) -> Iterator[bytes]:
    spool.flush()
    spool.seek(0)
    for line in spool:
        yield line.encode()


def _file_of(line: int, reports: "Sequence[FileReport]") -> Path | str:
    """Return the file that a record of the import came from."""
    for report in reports:
        if line <= report.conversations:
            return report.path
        line -= report.conversations
    return "the import"

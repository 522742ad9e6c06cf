"""The `cgp` command: one module a verb, each a thin layer over the library.

Exit codes: 0 done, 1 failure, 2 bad input, 130 stopped by Ctrl-C. Results go to files or standard output,
everything else to standard error.
"""

import sys

import typer
from typer.exceptions import TyperException

from conversation_genome.cli.app import app
from conversation_genome.errors import ConversationGenomeError, InputError
from conversation_genome.process import configure_logging

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2
EXIT_INTERRUPTED = 130


def main() -> None:
    """Run `cgp` and turn whatever goes wrong into one sentence and an exit code; warnings go to standard error."""
    configure_logging("warning", "console")
    sys.exit(_run())


def _run() -> int:
    try:
        return app(prog_name="cgp", standalone_mode=False) or 0
    except TyperException as exc:
        return _refuse(exc)
    except ConversationGenomeError as exc:
        typer.echo(f"cgp: {exc}", err=True)
        return EXIT_BAD_INPUT if isinstance(exc, InputError) else EXIT_FAILURE
    except (typer.Abort, KeyboardInterrupt):
        typer.echo("cgp: stopped", err=True)
        return EXIT_INTERRUPTED
    except BrokenPipeError:
        return EXIT_FAILURE


def _refuse(exc: TyperException) -> int:
    """Say what is wrong with the command line; a command that was given nothing shows its help."""
    message = exc.format_message()
    context = getattr(exc, "ctx", None)
    if not message:
        exc.show()  # type: ignore[attr-defined] # typer keeps the class that has it private
    else:
        command = context.command_path if context else "cgp"
        typer.echo(f"cgp: {message.rstrip('.')}; `{command} --help` tells what it takes", err=True)
    return EXIT_BAD_INPUT

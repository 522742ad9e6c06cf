"""The `cgp` command: one module a verb, each a thin layer over the library.

Exit codes: 0 done, 1 failure, 2 bad input. Results go to files or standard output, everything else to
standard error.
"""

import sys

import typer

from conversation_genome.cli.app import app
from conversation_genome.errors import ConversationGenomeError, InputError

EXIT_FAILURE = 1
EXIT_BAD_INPUT = 2


def main() -> None:
    """Run `cgp` and turn this project's errors into one sentence and an exit code."""
    try:
        app()
    except InputError as exc:
        typer.echo(f"cgp: {exc}", err=True)
        sys.exit(EXIT_BAD_INPUT)
    except ConversationGenomeError as exc:
        typer.echo(f"cgp: {exc}", err=True)
        sys.exit(EXIT_FAILURE)
    except BrokenPipeError:
        sys.exit(EXIT_FAILURE)

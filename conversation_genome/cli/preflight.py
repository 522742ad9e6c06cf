"""`cgp preflight ROLE`: can this role start on its network, and if not, what to mend; all of it at once."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from conversation_genome.cli.output import json_line, say
from conversation_genome.settings import ROLES

if TYPE_CHECKING:
    from conversation_genome.preflight.findings import PreflightReport

EXIT_FAULTY = 2


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.command()(preflight)


def preflight(
    role: Annotated[str, typer.Argument(help=f"One of {', '.join(ROLES)}.", show_default=False)],
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Check what a role needs to start on its network, every fault at once with its remedy; exit code 2 if there is one.

    Looks at the settings, the wallet's files, the chain's endpoints, the subnet, the hotkey's registration, permit and
    stake, the version of weights, the clock against the chain's next block, the own address and ports, and for a
    validator the conversation server. Nothing is changed anywhere, and no key leaves this machine.
    """
    from conversation_genome.preflight.checking import check_role

    for noisy in ("dotenv", "bittensor", "asyncio"):
        logging.getLogger(noisy).setLevel(logging.CRITICAL)  # what they say is said by the report
    if role in ROLES:
        say(f"looking at the wallet, the chain and the clock for the {role}; this takes a block of the chain ...")
    report = check_role(role)
    typer.echo(json_line(report.model_dump(mode="json")) if as_json else "\n".join(_lines(report)))
    if not report.is_ready:
        raise typer.Exit(EXIT_FAULTY)


def _lines(report: "PreflightReport") -> list[str]:
    head = f"{report.role} on {report.network}, subnet {report.netuid}"
    lines = [*(f"  ok    {one}" for one in report.passed), *(f"  note  {one}" for one in report.notes)]
    if report.is_ready:
        return [*lines, f"ready: nothing to mend for {head}"]
    return [*lines, f"{len(report.faults)} to mend for {head}:", *(f"  {fault}" for fault in report.faults)]

"""`cgp config`: what is set, where it comes from, and everything that must be mended before a role starts."""

import logging
from typing import TYPE_CHECKING, Annotated

import typer

from conversation_genome.cli.output import json_line
from conversation_genome.settings import ROLES

if TYPE_CHECKING:
    from conversation_genome.configuration.report import ConfigurationReport, SettingReport

EXIT_FAULTY = 2

config = typer.Typer(no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add the verb."""
    app.add_typer(config, name="config", help="Show and check the settings.")


@config.command()
def check(
    role: Annotated[
        str | None, typer.Argument(help=f"One of {', '.join(ROLES)}; without it, all of them.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Print the faults alone.")] = False,
) -> None:
    """Show every setting with its value and origin, and every fault at once; exit code 2 if there is one.

    Values come from the environment first, then from .env (or the file that CGP_ENV_FILE names), then from the
    defaults. Checked are the values themselves, names that are no setting, and what can be seen without a network:
    the wallet's files, the embedding model, folders that must be writable, the server's hotkey.
    """
    from conversation_genome.configuration.report import check_configuration

    logging.getLogger("dotenv").setLevel(logging.ERROR)  # the report names the lines that it warns of
    report = check_configuration(role)
    if as_json:
        typer.echo(json_line(report.model_dump(mode="json")))
    else:
        typer.echo("\n".join([*([] if quiet else _settings_lines(report)), *_fault_lines(report)]))
    if not report.is_ready:
        raise typer.Exit(EXIT_FAULTY)


@config.command()
def example() -> None:
    """Print a settings file with every setting, its default and its meaning: what example.env holds."""
    from conversation_genome.configuration.catalogue import example_env

    typer.echo(example_env(), nl=False)


@config.command()
def reference() -> None:
    """Print every setting as Markdown tables: what docs/reference/settings.md holds."""
    from conversation_genome.configuration.catalogue import reference_page

    typer.echo(reference_page(), nl=False)


def _settings_lines(report: "ConfigurationReport") -> list[str]:
    name_width = max(len(setting.name) for setting in report.settings)
    value_width = max(len(_shown(setting)) for setting in report.settings)
    origin_width = max(len(setting.origin) for setting in report.settings)
    lines = []
    for group in dict.fromkeys(setting.group for setting in report.settings):
        lines.append(f"{group}:")
        lines += [
            f"  {setting.name:<{name_width}}  {_shown(setting):<{value_width}}  "
            f"{setting.origin:<{origin_width}}  {setting.description}"
            for setting in report.settings
            if setting.group == group
        ]
        lines.append("")
    return lines


def _shown(setting: "SettingReport") -> str:
    return setting.value or "(empty)"


def _fault_lines(report: "ConfigurationReport") -> list[str]:
    roles = ", ".join(report.roles)
    if report.is_ready:
        return [f"ready: nothing to mend for {roles}"]
    faults = report.unreadable + report.missing
    return [f"{len(faults)} to mend for {roles}:", *(f"  {fault}" for fault in faults)]

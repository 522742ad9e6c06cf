"""Every check of a role, in the order in which an operator would mend what they find."""

from time import time as clock

from conversation_genome.annotation import Hotkey
from conversation_genome.chain.bittensor import Probe
from conversation_genome.chain.loading import LOCAL
from conversation_genome.configuration.report import check_configuration
from conversation_genome.preflight.address_checks import check_address, check_ports
from conversation_genome.preflight.chain_checks import Standing, check_endpoints, check_standing
from conversation_genome.preflight.clock_check import check_clock
from conversation_genome.preflight.findings import Findings, PreflightReport
from conversation_genome.preflight.server_check import check_server
from conversation_genome.preflight.wallet_checks import check_wallet
from conversation_genome.settings import ROLES, MinerSettings, RoleSettings, ValidatorSettings, readable_settings


def check_role(role: str) -> PreflightReport:
    """Return what was found for a role; values that cannot be read are faults, and defaults stand in for them.

    Takes a few seconds: endpoints are asked, and the next block is waited for to compare the clocks.

    Raises:
        InputError: If there is no such role.
        SettingsError: If the settings file cannot be read at all.
    """
    configuration = check_configuration(role)
    settings, _ = readable_settings(ROLES[role])
    findings = Findings(faults=[*configuration.unreadable, *configuration.missing])
    signer = check_wallet(settings, findings)
    _check_network(settings, signer.hotkey if signer else None, findings)
    check_ports(settings, findings)
    if isinstance(settings, ValidatorSettings):
        check_server(settings, findings)
    return PreflightReport(
        role=role,
        network=settings.subtensor_network,
        netuid=settings.netuid,
        passed=tuple(findings.passed),
        notes=tuple(findings.notes),
        faults=tuple(dict.fromkeys(findings.faults)),
    )


def _check_network(settings: RoleSettings, hotkey: Hotkey | None, findings: Findings) -> None:
    answering = check_endpoints(settings, findings)
    standing = Standing()
    if answering or (settings.subtensor_network == LOCAL and settings.ledger_path.is_file()):
        standing = check_standing(settings, hotkey, findings)
    if answering and standing.rules is not None:
        with Probe(answering[0]) as probe:
            check_clock(probe.last_block, block_seconds=standing.rules.block_seconds, findings=findings, clock=clock)
    if isinstance(settings, MinerSettings):
        check_address(settings, standing.neuron, findings)

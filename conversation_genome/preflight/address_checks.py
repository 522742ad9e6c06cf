"""Where the role serves: an address that the chain keeps and others can reach, and a port that is free here.

What lies between this machine and the internet cannot be seen from inside; that is said, with the way to look.
"""

import ipaddress
import socket
from typing import Final
from urllib.parse import urlsplit

from conversation_genome.chain.base import Neuron
from conversation_genome.chain.loading import LOCAL
from conversation_genome.errors import SettingsError
from conversation_genome.preflight.findings import Findings
from conversation_genome.process import bound_socket
from conversation_genome.settings import MinerSettings, RoleSettings, ServerSettings, ValidatorSettings

PUBLIC_NETWORKS: Final = ("finney", "test", "archive")
_ANY_ADDRESS: Final = ("0.0.0.0", "::", "")

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def is_public(network: str) -> bool:
    """Return whether others than this machine and its neighbours take part in a network."""
    if network in PUBLIC_NETWORKS or network == LOCAL:
        return network != LOCAL
    host = urlsplit(network).hostname or ""
    address = _address(host)
    return address.is_global if address else host != "localhost"


def check_ports(settings: RoleSettings, findings: Findings) -> None:
    """Check that the role can listen where it is told to."""
    places: list[tuple[str, str, int]] = []
    if isinstance(settings, MinerSettings):
        places.append(("CGP_MINER_PORT", settings.miner_host, settings.miner_port))
        if settings.miner_metrics_port is not None:
            places.append(("CGP_MINER_METRICS_PORT", settings.miner_metrics_host, settings.miner_metrics_port))
    if isinstance(settings, ValidatorSettings):
        places.append(("CGP_VALIDATOR_PORT", settings.validator_host, settings.validator_port))
    if isinstance(settings, ServerSettings):
        places.append(("CGP_SERVER_PORT", settings.server_host, settings.server_port))
    for setting, host, port in places:
        _check_port(setting, host, port, findings)


def _check_port(setting: str, host: str, port: int, findings: Findings) -> None:
    try:
        bound_socket(host, port).close()
    except SettingsError as exc:
        findings.fault(f"is {port}: {exc}; see who listens there by `ss -ltnp`", setting)
    else:
        findings.passed.append(f"port {port or 'of choice'} on {host} is free")


def check_address(settings: MinerSettings, neuron: Neuron | None, findings: Findings) -> None:
    """Check the address that a miner publishes: an IP address, and on a public network one that the world can reach."""
    host = settings.miner_external_host or settings.miner_host
    if host in _ANY_ADDRESS:
        return  # the configuration's fault, which is told already
    setting = "CGP_MINER_EXTERNAL_HOST" if settings.miner_external_host else "CGP_MINER_HOST"
    address = _address(host)
    if address is None:
        findings.fault(f"is {host!r}, and the chain keeps IP addresses alone; {_resolved(host)}", setting)
        return
    if is_public(settings.subtensor_network) and not address.is_global:
        findings.fault(
            f"is {host}, {_kind(address)}: no validator of {settings.subtensor_network} can reach it; publish this machine's "
            "public address in CGP_MINER_EXTERNAL_HOST, and forward the port to it",
            setting,
        )
        return
    _tell_reachability(settings, address, neuron, findings)


def _tell_reachability(settings: MinerSettings, address: Address, neuron: Neuron | None, findings: Findings) -> None:
    url = f"http://{f'[{address}]' if address.version == 6 else address}:{settings.miner_port}"
    if not settings.miner_port:
        findings.notes.append(
            "CGP_MINER_PORT is 0: another port is taken and published at each start; name one that a firewall knows"
        )
    elif is_public(settings.subtensor_network):
        findings.notes.append(
            f"whether {url} is reached from outside cannot be seen from here: once the miner runs, "
            f"`curl {url}/healthz` on another machine tells"
        )
    if not _is_own(address):
        findings.notes.append(
            f"{address} is none of this machine's own addresses: whatever holds it must forward the port to here"
        )
    published = neuron.endpoint.url if neuron and neuron.endpoint else None
    if published == url:
        findings.passed.append(f"{url} is published on chain already")
    elif neuron is not None:
        before = f" in place of {published}" if published else ""
        findings.notes.append(f"{url} will be published on chain at the start{before}")


def _address(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return None


def _kind(address: Address) -> str:
    return "an address of this machine alone" if address.is_loopback else "a private or reserved address"


def _resolved(host: str) -> str:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError:
        return "the name is not known here either; write the address"
    return f"the name leads to {found[0][4][0]}: write that"


def _is_own(address: Address) -> bool:
    """Return whether this machine can listen on an address."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True

"""Where a request comes from, as far as it can be believed: proxies that are trusted, and nobody else, may tell."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

UNKNOWN: Final = "unknown"
IPV6_PREFIX: Final = 64
"""One customer's network: whoever has one address of it has them all (RFC 6177)."""
Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a request comes from."""

    address: str
    """An IPv4 address, an IPv6 network, or `unknown`."""
    is_tls: bool


def origin(
    peer: str, scheme: str, *, forwarded_for: Sequence[str], forwarded_proto: str, trusted: Iterable[Network]
) -> Origin:
    """Return where a request comes from.

    Args:
        peer: The other end of the connection.
        scheme: `http` or `https`, of the connection.
        forwarded_for: The values of X-Forwarded-For; each proxy adds whom it was called by at the end.
        forwarded_proto: X-Forwarded-Proto.
        trusted: Networks of proxies that may tell.
    """
    networks = tuple(trusted)
    if not _is_in(_address(peer), networks):
        return Origin(_caller(_address(peer)), scheme == "https")
    hops = [part.strip() for value in forwarded_for for part in value.split(",")]
    is_tls = scheme == "https" or forwarded_proto.rsplit(",", maxsplit=1)[-1].strip().lower() == "https"
    named = next((hop for hop in reversed(hops) if not _is_in(_address(hop), networks)), None)
    return Origin(_caller(_address(peer if named is None else named)), is_tls)


@lru_cache(maxsize=1_024)
def _address(text: str) -> Address | None:
    try:
        address = ip_address(text.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _is_in(address: Address | None, networks: Sequence[Network]) -> bool:
    return address is not None and any(address in network for network in networks)


@lru_cache(maxsize=1_024)
def _caller(address: Address | None) -> str:
    if isinstance(address, IPv6Address):
        return str(ip_network((address, IPV6_PREFIX), strict=False))
    return UNKNOWN if address is None else str(address)
